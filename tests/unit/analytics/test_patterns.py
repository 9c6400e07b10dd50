"""Sequences, and what comes before what, against counting by hand."""

from pathlib import Path

import pytest

from analytics import patterns
from analytics.refusals import BadParameter
from analytics.warehouse import Warehouse
from tests.unit.analytics import dialogues, logs
from tests.unit.analytics.dialogues import Said

ACTS = {"Q": "qy", "A": "s^aa", "S": "s", "B": "b"}


def spoken(line: str, valences: list[float] | None = None) -> list[Said]:
    """A turn a second, two speakers in turn."""
    said = [
        Said("ab"[i % 2], i * 1000, i * 1000 + 900, "so it is", ACTS[letter])
        for i, letter in enumerate(line)
    ]
    for turn, valence in zip(said, valences or [], strict=False):
        turn.more = {"affect": {"valence": valence, "arousal": 0, "category": "joy"}}
    return said


def ask(path: Path, **meetings: list[Said]) -> Warehouse:
    return Warehouse.open(logs.write_segments(path, dialogues.lines(meetings)))


def test_sequences_by_the_conversations_that_hold_them(tmp_path: Path) -> None:
    warehouse = ask(tmp_path, one=spoken("QAQA"), two=spoken("QAS"), three=spoken("SS"))
    found = patterns.frequent(warehouse, longest=2, min_share=0.3)
    assert [(s.letters, s.times, s.conversations) for s in found] == [
        ("QA", 3, 2), ("AQ", 1, 1), ("AS", 1, 1), ("SS", 1, 1),
    ]  # fmt: skip
    assert patterns.frequent(warehouse, longest=2, min_share=0.5) == found[:1]


def test_what_comes_before_an_interruption(tmp_path: Path) -> None:
    """b takes the floor from each question, a second before a is done, and keeps it."""
    said, now = [], 0
    for _ in range(6):
        said.append(Said("a", now, now + 3000, "do you have the other one", "qy"))
        said.append(Said("b", now + 2000, now + 5000, "no it is not there", "s"))
        said.append(Said("a", now + 6000, now + 7000, "then it is so", "s^aa"))
        now += 8000
    found = patterns.before(ask(tmp_path, c=said), "interruption", longest=1)
    first = found[0]
    assert (first.letters, first.before, first.times, first.rate) == ("Q", 6, 6, 1.0)
    assert first.base_rate == 6 / 18
    assert first.odds_ratio == pytest.approx((6.5 * 12.5) / (0.5 * 0.5))
    assert first.low > 1
    assert [p.before for p in found[1:]] == [0, 0]


def test_what_comes_before_a_recovery(tmp_path: Path) -> None:
    line = spoken("SSBSSBSS", [-0.5, 0, -0.5, 0, -0.5, 0, 0.5, 0])
    found = patterns.before(ask(tmp_path, c=line), "recovery", longest=1, min_times=1)
    assert [(p.letters, p.before) for p in found if p.before] == [("B", 1)]


def test_what_comes_before_an_abandonment(tmp_path: Path) -> None:
    """The first conversation has been quiet for hours when the second one's last event comes."""
    lines = dialogues.lines({"gone": spoken("SSQQ"), "here": spoken("SSSS") * 500})
    warehouse = Warehouse.open(logs.write_segments(tmp_path, lines, size=3000))
    found = patterns.before(warehouse, "abandonment", longest=2, min_times=1)
    assert {p.letters: p.before for p in found if p.before} == {"Q": 1, "QQ": 1}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [({"shortest": 0}, "1 to 20 turns"), ({"alphabet": "x"}, "no alphabet 'x'"),
     ({"min_share": 2}, "between 0 and 1")],
)  # fmt: skip
def test_what_cannot_be_asked(tmp_path: Path, asked: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadParameter, match=sentence):
        patterns.frequent(ask(tmp_path, c=spoken("Q")), **asked)  # type: ignore[arg-type]
