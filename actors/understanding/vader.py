"""VADER's compound score of a text: its rules (Hutto & Gilbert 2014) over a lexicon of ratings.

The package gives the same numbers, and lowers the whole text anew for each word before each word
that it rates; these rules cost a third of that.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from string import punctuation

from vaderSentiment import vaderSentiment  # type: ignore[import-untyped]

_BOOSTERS: Mapping[str, float] = vaderSentiment.BOOSTER_DICT
_IDIOMS: Mapping[str, float] = vaderSentiment.SPECIAL_CASES
_NEGATIONS: Collection[str] = frozenset(vaderSentiment.NEGATE)
_NEGATED: float = vaderSentiment.N_SCALAR
_SHOUTED: float = vaderSentiment.C_INCR
_DISTANT = (1.0, 0.95, 0.9)
"""What a booster is worth one, two and three words before the word that it boosts."""
_ALPHA = 15
"""About the highest sum that there is."""


def compound(text: str, ratings: Mapping[str, float]) -> float:
    """From -1 to 1, rounded to four places; of a text whose emoji are described in words."""
    words = [_bare(token) for token in text.split()]
    rated = _Words(words, [word.lower() for word in words], ratings)
    valences = rated.valences()
    if not any(valences):
        return 0.0
    if "but" in rated.lowered:
        _turn(valences, rated.lowered.index("but"))
    total = float(sum(valences))
    if total:
        total += _emphasis(text) if total > 0 else -_emphasis(text)
    return round(max(-1.0, min(1.0, total / sqrt(total * total + _ALPHA))), 4)


def _bare(token: str) -> str:
    """Without the marks around it, unless it is little more than marks."""
    bare = token.strip(punctuation)
    return token if len(bare) <= 2 else bare


def _turn(valences: list[float], but: int) -> None:
    """What comes before a `but` counts half, what comes after it half as much again.

    Of equal values the first is changed, as in the package.
    """
    for place in range(len(valences)):
        valence = valences[place]
        first = valences.index(valence)
        if first != but:
            valences[first] = valence * (0.5 if first < but else 1.5)


def _emphasis(text: str) -> float:
    asked = text.count("?")
    exclaimed = min(text.count("!"), 4) * 0.292
    return exclaimed + (0.96 if asked > 3 else asked * 0.18 if asked > 1 else 0)


@dataclass(slots=True)
class _Words:
    words: Sequence[str]
    lowered: Sequence[str]
    ratings: Mapping[str, float]

    def valences(self) -> list[float]:
        """Of each word; 0 of one that is not rated, or only boosts others."""
        valences: list[float] = [0.0] * len(self.words)
        for place, word in enumerate(self.lowered):
            if word in self.ratings and word not in _BOOSTERS and not self._hedges(place):
                valences[place] = self._valence(place)
        return valences

    def _hedges(self, place: int) -> bool:
        return self.lowered[place : place + 2] == ["kind", "of"]

    def _valence(self, place: int) -> float:
        valence = self._shouted(place, self._rating(place))
        for back in range(1, min(place, 3) + 1):
            if self.lowered[place - back] not in self.ratings:
                valence += _DISTANT[back - 1] * self._boost(place - back, valence)
                valence = self._negated(place, back, valence)
                valence = self._idiom(place, valence) if back == 3 else valence
        at_least = place > 1 and self.lowered[place - 2] in ("at", "very")
        least = place > 0 and self.lowered[place - 1] == "least" and not at_least
        return valence * _NEGATED if least else valence

    def _rating(self, place: int) -> float:
        """A `no` negates the rated word after it, and is worth nothing then."""
        lowered, rating = self.lowered, self.ratings[self.lowered[place]]
        before = lowered[max(0, place - 3) : place][::-1]
        listed = before[2:] == ["no"] and before[0] in ("or", "nor")
        if "no" in before[:2] or listed:
            return rating * _NEGATED
        negates = lowered[place] == "no" and place + 1 < len(lowered)
        return 0.0 if negates and lowered[place + 1] in self.ratings else rating

    def _shouted(self, place: int, valence: float) -> float:
        if self.words[place].isupper() and self._shouts():
            return valence + (_SHOUTED if valence > 0 else -_SHOUTED)
        return valence

    def _shouts(self) -> bool:
        """Some words are in capitals, and not all."""
        return 0 < sum(map(str.isupper, self.words)) < len(self.words)

    def _boost(self, place: int, valence: float) -> float:
        boost = _BOOSTERS.get(self.lowered[place], 0.0)
        boost = -boost if valence < 0 else boost
        if boost and self.words[place].isupper() and self._shouts():
            return boost + (_SHOUTED if valence > 0 else -_SHOUTED)
        return boost

    def _negated(self, place: int, back: int, valence: float) -> float:
        near = self.lowered[place - back : place]
        if self._never_so(near):
            return valence * 1.25
        if back > 1 and near[0] == "without" and "doubt" in near[1:]:
            return valence
        return valence * _NEGATED if near[0] in _NEGATIONS or "n't" in near[0] else valence

    @staticmethod
    def _never_so(near: Sequence[str]) -> bool:
        """`never so good`; three words before, the package asks for no `never`."""
        so = [word in ("so", "this") for word in near]
        if len(near) == 3:
            return (near[0] == "never" and so[1]) or so[2]
        return len(near) == 2 and near[0] == "never" and so[1]

    def _idiom(self, place: int, valence: float) -> float:
        three, two, one, word, *after = self.lowered[place - 3 : place + 3]
        before = f"{two} {one}", f"{three} {two} {one}", f"{three} {two}"
        upto = (f"{one} {word}", f"{two} {one} {word}", *before)
        valence = next((_IDIOMS[each] for each in upto if each in _IDIOMS), valence)
        for end in range(1, len(after) + 1):
            valence = _IDIOMS.get(" ".join((word, *after[:end])), valence)
        return valence + sum(_BOOSTERS.get(each, 0.0) for each in (before[2], before[0]))
