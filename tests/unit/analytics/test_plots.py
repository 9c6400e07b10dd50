"""What plots say, and that they say it the same every time."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.library import library
from analytics.plots import PLOTS
from analytics.plots.drawing import CHOOSE, draw, draw_png
from analytics.plots.emotion import decayed
from analytics.plots.studio import CannotDraw, Studio
from analytics.plots.tables import Row, Tables
from analytics.sandbox_base import opened
from analytics.scope import Scope
from tests.unit.analytics import logs
from tests.unit.analytics.logs import NOON, heard, opening

NAMES = list(PLOTS)


class Given(Tables):
    """Rows that were made up."""

    def __init__(self, *, of_one: bool = True, **views: Sequence[Row]) -> None:
        self._views = views
        self.of_one, self.position = of_one, 7

    def _read(self, view: str) -> list[Row]:
        raise AssertionError("rows are given")

    def rows(self, view: str, *needed: str) -> Sequence[Row]:
        found = self._views.get(view, ())
        return [row for row in found if all(row.get(name) is not None for name in needed)]


def turn(number: int, speaker: str, start_s: float, end_s: float, **more: Any) -> Row:
    return {
        "conversation_id": "c", "turn": number, "speaker_id": speaker, "status": "completed",
        "start_s": start_s, "end_s": end_s, "duration_s": end_s - start_s, **more,
    }  # fmt: skip


SPOKEN = [
    turn(1, "ann", 0.0, 2.0, emotion="joy", valence=0.5, arousal=0.1),
    turn(2, "<b>&$x_1$", 1.5, 3.0, emotion="anger", valence=-0.5, arousal=0.8),
    turn(3, "ann", 3.5, 4.0, emotion="neutral", valence=0.0, arousal=0.0, status="interrupted"),
]
FULL = Given(
    turns=SPOKEN,
    overlaps=[{"start_s": 1.5, "end_s": 2.0}],
    emotion_trajectory=SPOKEN,
    talk_share=[
        {"conversation_id": "c", "speaker_id": "ann", "speech_s": 3.0, "turns": 2},
        {"conversation_id": "c", "speaker_id": "bob", "speech_s": 1.0, "turns": 1},
    ],
    emotion_transitions=[
        {"link": "own", "emotion": "joy", "next_emotion": "neutral", "n": 1, "p": 1.0},
        {"link": "other", "emotion": "joy", "next_emotion": "anger", "n": 1, "p": 1.0},
    ],
    act_transitions=[{"link": "other", "act": "question", "next_act": "yes", "n": 3, "p": 0.75}],
    floor_transfers=[{"transfer_s": -0.5}, {"transfer_s": 0.25}, {"transfer_s": 9.0}],
    latency=[
        {"conversation_id": "c", "turn": 3, "in_order": True, "first_audio_ms": 120.0,
         "to_begun_ms": 20.0, "to_first_audio_ms": 100.0, "to_synthesised_ms": 300.0},
    ],
    style_consistency=[
        {"voice": "af_bella", "planned_rate": r, "measured_rate": r * 1.1, "planned_pitch_st": None,
         "measured_pitch_st": 1.0, "planned_loudness_db": 0.0, "measured_loudness_db": None,
         "planned_pauses_s": None, "measured_pauses_s": None}
        for r in (0.9, 1.1)
    ],
    topics=[
        {"segment": 1, "topic": "coffee", "start_s": 0.0, "end_s": 3.0, "turns": 2,
         "returns": False},
    ],
)  # fmt: skip
SAYS = {
    "timeline": "n = 3 turns, 2 speakers; two or more speak during 0.5 s (1 overlap)",
    "emotion": "n = 3 turns; a dot is a turn's valence",
    "talk_share": "n = 3 turns, 2 speakers; 4 s of speech",
    "emotion_transitions": "n = 1 pair of a speaker's own and 1 across speakers",
    "act_transitions": "n = 0 pairs of a speaker's own and 3 across speakers",
    "floor_transfers": "n = 3 transfers, 1 of them beyond ±2 s; median +0.25 s; 67 % within",
    "latency": "n = 1 turn spoken to their end; milliseconds",
    "prosody": "n = 2 turns; a dot is a turn",
    "topics": "n = 2 turns, 1 topic, 0 shifts, 0 returns",
}


def words(svg: bytes) -> list[str]:
    return [
        "".join(text.itertext())
        for text in ElementTree.fromstring(svg).iter()  # noqa: S314  (we drew it)
        if text.tag.endswith("}text")
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_plot_says_its_n_and_is_the_same_again(name: str) -> None:
    svg = draw(name, FULL, "light")
    assert any(text.startswith(SAYS[name]) for text in words(svg)), words(svg)
    assert draw(name, FULL, "light") == svg
    assert not re.search(rb"\d{4}-\d{2}-\d{2}T", svg)


@pytest.mark.parametrize("name", NAMES)
def test_in_the_dark_it_says_the_same_on_dark_paper(name: str) -> None:
    svg = draw(name, FULL, "dark")
    assert any(text.startswith(SAYS[name]) for text in words(svg)), words(svg)
    assert b"#14181d" in svg


@pytest.mark.parametrize("name", NAMES)
def test_where_there_is_nothing_to_show_it_says_so(name: str) -> None:
    title, why = words(draw(name, Given(), "light"))
    assert title[0].isupper()
    assert re.match(r"(No|Nobody)\b", why)
    if PLOTS[name].of_one:
        assert words(draw(name, Given(of_one=False), "light"))[1] == CHOOSE


def test_names_are_shown_as_they_are() -> None:
    assert "<b>&$x_1$" in words(draw("timeline", FULL, "light"))
    other = Given(turns=[turn(1, "山田さん", 0.0, 1.0)])
    assert "山田さん" in words(draw("timeline", other, "light"))


def test_a_png_is_one() -> None:
    assert draw_png("talk_share", FULL, "dark", 50).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "turns", [[turn(1, "ann", 0, 0.01)], [turn(1, "ann", 0, 90_000)],
              [turn(n, f"p{n}", n, n + 1) for n in range(30)]]
)  # fmt: skip
def test_a_timeline_of_any_length(turns: list[Row]) -> None:
    said = words(draw("timeline", Given(turns=turns), "light"))
    assert any(text.startswith(f"n = {len(turns)} turn") for text in said)


def test_the_plots_read_views_that_there_are() -> None:
    known = {view.name for view in library()}
    assert {view for plot in PLOTS.values() for view in plot.reads} <= known


@given(st.lists(st.tuples(st.integers(0, 100), st.floats(-1, 1)), min_size=1, max_size=20))
def test_what_lingers_is_the_weighted_mean_of_the_past(points: list[tuple[int, float]]) -> None:
    ordered = sorted(points, key=lambda point: point[0])
    times, values = [float(t) for t, _ in ordered], [v for _, v in ordered]
    for place, mean in enumerate(decayed(times, values, 5.0)):
        weights = [2 ** (-(times[place] - t) / 5.0) for t in times[: place + 1]]
        pairs = zip(weights, values, strict=False)
        assert mean == pytest.approx(sum(w * v for w, v in pairs) / sum(weights), abs=1e-9)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    said = heard(1, "ann", "Hello", NOON, NOON.replace(second=2))
    lines = logs.recorded({"c1": [*opening(), said], "c2": opening()})
    return logs.write_segments(tmp_path_factory.mktemp("drawn"), lines)


@pytest.mark.parametrize("name", NAMES)
def test_every_plot_can_be_drawn_from_a_real_log(name: str, data_dir: Path) -> None:
    with opened(data_dir, PLOTS[name].reads, Scope.of("c1")) as (root, position):
        assert draw(name, Tables(root, of_one=True, position=position), "light")


async def test_the_studio_draws_in_another_process(data_dir: Path) -> None:
    studio = Studio(data_dir)
    try:
        drawn = await studio.draw("talk_share", "light", Scope.of("c1"))
        assert "n = 1 turn, 1 speaker; 2 s of speech" in " ".join(words(drawn.svg))
        assert drawn.position == 7
        empty = await studio.draw("talk_share", "light", Scope.of("c2"))
        assert "Nobody's speech here has known times." in words(empty.svg)
    finally:
        await studio.close()


async def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "not there")
    with pytest.raises(CannotDraw, match="NoDataDir"):
        await studio.draw("latency", "light")
    await studio.close()


def test_turns_without_times_are_counted_and_one_speaker_is_no_half(tmp_path: Path) -> None:
    said = [
        *opening(),
        heard(1, "ann", "With times.", NOON, NOON + timedelta(seconds=2)),
        heard(2, "bob", "Without.", None, None),
        heard(3, "bob", "Nor this.", NOON, None),
    ]
    logs.write_segments(tmp_path, logs.recorded({"c": said}))
    for name in ("timeline", "talk_share"):
        with opened(tmp_path, PLOTS[name].reads, Scope.of("c")) as (root, position):
            text = words(draw(name, Tables(root, of_one=True, position=position), "light"))
        assert any("2 turns without times, not shown" in part for part in text)
        assert "even" not in text
