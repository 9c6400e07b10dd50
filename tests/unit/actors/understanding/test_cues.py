"""Cues are tried only where they can begin, and found as if all were searched for."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actors.understanding.cues import CUES, Cue, found
from actors.understanding.openings import openings
from actors.understanding.wording import PHRASES

SPOKEN = (
    "I I'm i'll don't isn't not good great no noo so Oh, oh. okay all right alright WHAT wha what "
    "really you you're stop it working get out (get) haha hahaha headaches ache no-no wh-what "
    "he's we let's 'cause the the never poor thing thank thanks hiii sooo aww! me too… … ... why "
    "how could you good-bye screw you it_is 3 x2 é über ß İ"
)
ENDS = ("", "", "", ".", "!", "?", "?!", "!!", ",", "'", '"')
LINES = st.lists(
    st.tuples(st.sampled_from(SPOKEN.split()), st.sampled_from(ENDS)).map("".join), max_size=12
).map(" ".join)


def searched(cue: Cue) -> re.Pattern[str]:
    before = r"^\W*" if cue.opens else r"\b" if cue.begins else ""
    return re.compile(f"{before}(?:{cue.pattern.pattern})", re.DOTALL)


ANYWHERE = {cue.name: (cue, searched(cue)) for cue in CUES}


def searched_for(text: str) -> dict[str, int]:
    """What is found by trying every cue at every place of a text."""
    times = {
        name: min(cue.most, len(pattern.findall(text if cue.cased else text.lower())))
        for name, (cue, pattern) in ANYWHERE.items()
    }
    return {name: n for name, n in times.items() if n}


@given(LINES)
@example("They say no, no, no! It isn't good; what the hell?! I'm worn out. Haha")
def test_nothing_is_missed_for_being_tried_at_few_places(text: str) -> None:
    assert found(text) == searched_for(text)


@given(st.text(alphabet="ahinot' '!?.,", max_size=30))
def test_nor_in_any_other_text(text: str) -> None:
    assert found(text) == searched_for(text)


def test_cues_come_in_their_order() -> None:
    names = [cue.name for cue in CUES]
    there = list(found("Get out, you idiot! I hate this, so much!"))
    assert there == sorted(there, key=names.index)


@pytest.mark.parametrize(
    ("pattern", "begins"),
    [
        ("so|very", {"so$", "very$"}),
        ("insult\\w*", {"insu"}),
        ("idiots?", {"idio"}),
        ("i'm so", {"i$"}),
        ("i(?:'ll| will) go", {"i$"}),
        ("(?:head|back|)aches?", {"head", "back", "ache"}),
        ("(?:not|isn't) good", {"not$", "isn$"}),
        ("(?<!i'm )afraid", {"afraid$"}),
        ("oh,? no", {"oh"}),
        ("no+", {"no"}),
        ("colou?r", {"colo"}),
        ("(?:very )?good", {""}),
        ("\\w+n't", {""}),
    ],
)
def test_with_what_a_match_can_begin(pattern: str, begins: set[str]) -> None:
    assert openings(pattern) == begins


def test_no_phrase_has_to_be_tried_at_every_word() -> None:
    assert not [name for name, words in PHRASES.items() if "" in openings(words)]
