"""What the words beside a word say about its part of speech, in English."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Part = Literal["noun", "verb", "adjective", "past"]
"""`past` is a past tense or participle that is written like the present."""

TURN = 3
"""Weight of a neighbour that almost decides, in the unit of all evidence here."""
HINT = 2
WHIFF = 1


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DETERMINERS = _set(
    "a an the this that these those my your his her its our their some any no every each another "
    "one two three four five whose first second last next same new old other"
)
_MODALS = _set(
    "to will would can could shall should may might must cannot do does did let's please gonna "
    "wanna gotta don't doesn't didn't can't couldn't won't wouldn't shouldn't mustn't i'll you'll "
    "he'll she'll it'll we'll they'll that'll i'd you'd we'd they'd he'd she'd help not"
)
_PERFECT = _set(
    "have has had having was were is are am "
    "be been being get got gets haven't hasn't hadn't wasn't "
    "weren't isn't aren't i've you've we've they've "
    "he's she's it's that's i'm we're you're they're "
    "who've could've should've would've"
)
_HAVE = {
    word for word in _PERFECT if word.endswith("'ve") or word.startswith(("have", "has", "had"))
}
_COPULAS = _PERFECT - _HAVE | _set("feel feels felt seem seems stay stayed look looks")
_DEGREES = _set("very so too quite really pretty more most less as how rather fairly extremely")
_SUBJECTS = _set("i you we they who people")
_THIRD = _set("he she it that which everyone everybody nobody someone")
_PREPOSITIONS = _set("of in on at from with by for into through about under over without like")
_OBJECTS = _set(
    "it him them me us you the a an my your his her our their this these those all "
    "himself herself themselves yourself myself everything something anything"
)
_AFTER_NOUNS = _set("of is was are were has had will and or in on at from for")
_ADVERBS = _set(
    "never always already just also still only ever often sometimes usually soon finally even not "
    "actually really both all probably simply quickly once almost"
)
_BOUNDS = _set("and but or then so when if because")
_GONE = _set("yesterday ago last already before once earlier previously")
_PASTS = _set("was were had said left went came told thought knew got saw gave took made did")
_HABIT = _set("every usually always often everyday tomorrow sometimes now daily")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a word stands: what of its sentence is beside it, in lower case."""

    words: Sequence[str]
    """The words and marks of the sentence."""
    at: int

    @property
    def before(self) -> str:
        """The word before, without adverbs between; "" at the beginning of a clause."""
        at = self.at - 1
        while at >= 0 and _is_adverb(self.words[at]):
            at -= 1
        return self._word(at)

    @property
    def next_to(self) -> str:
        """The word just before."""
        return self._word(self.at - 1)

    @property
    def before_that(self) -> str:
        return self._word(self.at - 2)

    @property
    def asked(self) -> str:
        """The verb before the subject, as in `did you read`."""
        return self.before_that if self.before in _SUBJECTS | _THIRD else ""

    @property
    def after(self) -> str:
        return self._word(self.at + 1)

    def _word(self, at: int) -> str:
        word = self.words[at] if 0 <= at < len(self.words) else ""
        return word if word[:1].isalnum() else ""


def evidence(part: Part, place: Place) -> int:
    """How much the neighbours speak for a part of speech; below 0 where they speak against it."""
    return {"noun": _noun, "verb": _verb, "adjective": _adjective, "past": _past}[part](place)


def _noun(place: Place) -> int:
    score = 0
    if place.next_to in _DETERMINERS or place.next_to.endswith("'s"):
        score += TURN
    elif place.next_to in _PREPOSITIONS or (
        place.before_that in _DETERMINERS | _PREPOSITIONS and place.next_to not in _MODALS
    ):
        score += HINT
    return score + (WHIFF if place.after in _AFTER_NOUNS else 0)


def _verb(place: Place) -> int:
    score = 0
    if place.before in _MODALS | _SUBJECTS:
        score += TURN
    elif place.next_to in _THIRD and place.words[place.at].endswith("s"):
        score += HINT
    elif place.before in {"", *_BOUNDS}:
        score += WHIFF
    elif place.next_to in _DETERMINERS - {"that"}:
        score -= HINT
    return score + (HINT if place.after in _OBJECTS else 0)


def _adjective(place: Place) -> int:
    if place.asked in _COPULAS:
        return TURN + HINT  # `are you close`
    score = HINT if place.next_to in _DEGREES else 0
    return score + (HINT if place.before in _COPULAS else 0)


def _past(place: Place) -> int:
    if place.before in _MODALS or place.asked in _MODALS:
        return -TURN
    score = 0
    if place.before in _PERFECT or place.asked in _HAVE:
        score += 2 * TURN + WHIFF
    elif place.before in _THIRD:
        score += TURN + WHIFF  # in the present it would have its -s
    elif place.before_that in _DETERMINERS and place.after and not place.before.endswith("s"):
        score += TURN + WHIFF
    if place.before in _SUBJECTS and _tells(set(place.words)):
        score += 2 * TURN + WHIFF
    return score


def _tells(words: set[str]) -> bool:
    """Whether a sentence is about the past, by its other words."""
    return not words & _HABIT and (bool(words & _GONE) or any(map(_is_past, words)))


def _is_past(word: str) -> bool:
    return word in _PASTS or (word.endswith("ed") and len(word) > 4)


def _is_adverb(word: str) -> bool:
    return word in _ADVERBS or (word.endswith("ly") and len(word) > 4)
