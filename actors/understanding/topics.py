"""What the talk is about: where it turns to something else, and where it comes back.

After TextTiling (Hearst 1997), made for a talk that is still going on: a turn opens a topic when
its content words are all new, and enough else says that it does not answer what was before.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from types import MappingProxyType

from actors.understanding.legible import MOST
from events.readings import QUESTIONS, Topic
from events.state import State

TERMS = 3
"""Of a label."""
NEW = 2
"""Content words that a turn must have to open a topic."""
OPENED = 2.5
"""Signs that add up to a new topic."""

_WORD = re.compile(r"[^\W\d_]{3,}(?:'[a-z]+)?")
_ENDING = re.compile(r"(?:ies|es|s|ing|ed|ly|'s)$")
_TURNING = re.compile(
    r"\b(?:by the way|anyway|speaking of|talking about|another (?:thing|question)|"
    r"on (?:another|a different) (?:note|subject)|let's talk about|changing the subject|"
    r"next (?:topic|item|point)|moving on|one more thing|before i forget|guess what|"
    r"have you heard)\b",
    re.IGNORECASE,
)
_LEANING = re.compile(
    r"^\W*(?:it|that|this|they|them|he|she|those|these|then|so|but|and|because|yes|yeah|no|well|"
    r"oh|ok(?:ay)?|sure|really|right|of course|i see|in that case|which one|why|me too)(?![\w])",
    re.IGNORECASE,
)
_COMMON_WORDS = """
about above after again all almost already alright also although always and another any anybody
anyone anything anyway are around ask away back bad because been before being believe best
better big bit both bring but bye call came can cannot certainly could course day days
definitely did different does doing done down each either else enough even ever every everybody
everyone everything exactly excuse fact far feel few find fine first for from fun get gets
getting give glad god goes going gone gonna good got gotta great guess guy guys had happen
happened happy hard has have having hear heard hello help her here hey him his hmm hope how
however huh idea into its just keep kind knew know lady last later least leave less let like
little long look looking looks lot lots love made make makes man many matter may maybe mean
meant might mind mine miss more morning most much must name need never new next nice night
nobody none not nothing now off often okay old once one only open other others our out over own
part people person perhaps place please point pretty probably problem put question quite rather
ready real really right run said same saw say says second see seem seems seen shall she should
show since sir some somebody someone something sometimes soon sorry sort sounds start still stop
stuff such suppose sure take taken talk tell than thank thanks that the their them then there
these they thing things think this those though thought through time times today together told
tomorrow tonight too took tried true try trying turn two ugh understand until upon use used
usually very wait wanna want wanted wants was way week well went were what whatever when where
whether which while who whole whom whose why will wish with within without wonder wonderful word
words work would wow wrong yeah year years yes yesterday yet you young your yours yourself
"""
_COMMON = frozenset(_COMMON_WORDS.split())


Said = Mapping[str, str]
"""Content words by their stems, which tell them apart; in lower case."""


@lru_cache(maxsize=64)  # every turn in the window is looked at again when the next one comes
def _said(text: str) -> Said:
    words = (word.lower() for word in _WORD.findall(text))
    return _by_stem(word for word in words if word.split("'")[0] not in _COMMON)


def _by_stem(words: Iterable[str]) -> Said:
    """Of the forms of a word, the one that comes last."""
    return {_stem(word): word for word in words}


@lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    """The word without the commonest endings."""
    stem = _ENDING.sub("", word)
    return stem if len(stem) > 2 else word


def topic_of(text: str, state: State, *, act: str | None = None) -> Topic | None:
    """The topic of an excerpt of a turn that follows `state`; None before there is any."""
    said = _said(text)
    if not state.topics:
        return Topic(id=1, label=_label([said])) if said else None
    *earlier, present = state.topics
    topics = ((turn, turn.topic) for turn in state.turns)
    segment = [
        _said(turn.text[:MOST]) for turn, topic in topics if topic and topic.id == present.id
    ]
    label = _terms_of(present)
    known = set(label).union(*segment)
    if (
        len(said) < NEW
        or not known.isdisjoint(said)
        or _signs(text, state, act, len(segment)) < OPENED
    ):
        return Topic(id=present.id, label=_label([*segment, said], before=label))
    newest = max(topic.id for topic in state.topics)
    return _returned_to(said, earlier) or Topic(id=newest + 1, label=_label([said]))


def _signs(text: str, state: State, act: str | None, turns: int) -> float:
    """What speaks for a new topic in a turn whose words are all new, after so many on the old."""
    last = state.turns[-1] if state.turns else None
    before = last.act if last else None
    signs = 1.0 + 0.25 * min(4, turns)
    signs += 2.0 * bool(_TURNING.search(text)) + 1.5 * (act == "greeting")
    signs += 1.5 * (before in ("closing", "thanks")) + 0.5 * (act in QUESTIONS)
    signs -= 1.5 * (before in QUESTIONS) + 1.0 * bool(_LEANING.match(text))
    return signs


def _returned_to(said: Said, earlier: Sequence[Topic]) -> Topic | None:
    """The last of the earlier topics of whose label at least half the terms are said."""
    for topic in reversed(earlier):
        label = _terms_of(topic)
        if 2 * len(said.keys() & label.keys()) >= len(label):
            return topic
    return None


def _terms_of(topic: Topic) -> Said:
    return _by_stem(topic.label.split(", "))


def _label(turns: Sequence[Said], before: Said = MappingProxyType({})) -> str:
    """The terms said in most turns; of equals, the earliest, and last those that it had before."""
    counts = Counter(chain.from_iterable((*turns, before)))
    most = sorted(counts, key=counts.__getitem__, reverse=True)[:TERMS]
    return ", ".join(_form(stem, turns, before.get(stem, stem)) for stem in most)


def _form(stem: str, turns: Iterable[Said], shown: str) -> str:
    """The word as most turns have it; of equals, as it was shown, or else the first."""
    forms = [said[stem] for said in turns if stem in said]
    return max(forms, key=lambda form: (forms.count(form), form == shown), default=shown)
