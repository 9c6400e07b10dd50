"""Which words stand out.

What was just said loses its accent, and the accent goes to what is new instead (Terken &
Hirschberg, Language and Speech 37, 1994); where all is new, the voice knows best. What is
contrasted is stressed most (Bolinger, Language 37, 1961).
"""

from actors.directing.cues import Cue
from actors.directing.effects import Effect, Stress
from actors.directing.scene import Scene, content_places, places
from actors.directing.words import content, normal

FRESH, CONTRASTED, GIVEN = 0.6, 0.9, -0.5
FORMULAS = ("greeting", "thanks", "apology", "backchannel", "closing")
"""Acts whose words say little: that they are said again is no news."""

_JOINS = frozenset(("and", "or"))

ITEM = 1.0
"""Semitones above the contour, for the last word of an item that others follow."""


def fresh(scene: Scene) -> Cue | None:
    """The last new word of a phrase in which something else was just said."""
    if scene.act in FORMULAS:
        return None
    contrast = {at for at, _ in _contrasts(scene)}
    there = [
        new[-1]
        for phrase in content_places(scene)
        if any(_given(scene, word) for _, word in phrase)
        and (new := [at for at, word in phrase if word not in scene.known])
        and not contrast.intersection(new)
    ]
    because = f"{len(there)} of the line's content words are new beside known ones"
    return _stressing("new", because, dict.fromkeys(there, Stress(FRESH)))


def given(scene: Scene) -> Cue | None:
    """What was just said, in a phrase that also has something new."""
    if scene.act in FORMULAS:
        return None
    contrast = {at for at, _ in _contrasts(scene)}
    there = [
        at
        for phrase in content_places(scene)
        if any(word not in scene.known for _, word in phrase)
        for at, word in phrase
        if _given(scene, word) and at not in contrast
    ]
    because = f"{len(there)} of the line's content words were in the last turns"
    return _stressing("just said", because, dict.fromkeys(there, Stress(GIVEN)))


def contrasted(scene: Scene) -> Cue | None:
    """Another word in the place of one that was just said, or after `not … but`."""
    found = _contrasts(scene)
    because = ", ".join(sorted({f"{why}" for _, why in found}))
    return _stressing(
        "contrasted", because, dict.fromkeys([at for at, _ in found], Stress(CONTRASTED))
    )


def listing(scene: Scene) -> Cue | None:
    """Items of a list are held up, until the last one falls."""
    spoken = [word for phrase in scene.phrases for word in phrase.split()]
    held = [at for within in places(scene.phrases) for at in _items(spoken, within)]
    because = f"{len(held)} items that others follow"
    return _stressing("list", because, dict.fromkeys(held, Stress(pitch=ITEM)))


def _items(spoken: list[str], within: range) -> list[int]:
    """The last words of all items but the last, if the phrase has a list of at least three."""
    ends = [at for at in within if spoken[at].endswith(",")]
    if len(ends) < 2 or not _JOINS.intersection(map(str.casefold, spoken[ends[-1] : within.stop])):
        return []
    return ends


def _stressing(rule: str, because: str, words: dict[int, Stress]) -> Cue | None:
    return Cue(rule, because, Effect(words=words)) if words else None


def _given(scene: Scene, word: str) -> bool:
    return word in scene.just_said and word not in scene.heard


def _contrasts(scene: Scene) -> list[tuple[int, str]]:
    spoken = [word for phrase in scene.phrases for word in phrase.split()]
    return [*_instead(spoken), *_in_place(spoken, scene.answered)]


def _instead(spoken: list[str]) -> list[tuple[int, str]]:
    """The first content word after `but` where a `not` came before it in the sentence."""
    denied = False
    for at, word in enumerate(spoken):
        bare = normal(word)
        denied = denied or bare == "not"
        if denied and bare == "but":
            after = (place for place in range(at + 1, len(spoken)) if content(spoken[place]))
            place = next(after, None)
            return [] if place is None else [(place, "after a denial")]
        if word.endswith((".", "?", "!")):
            denied = False
    return []


def _in_place(spoken: list[str], answered: tuple[str, ...]) -> list[tuple[int, str]]:
    """Content words between the same two neighbours as another one of the turn before."""
    frames = _frames(answered)
    return [
        (at, "another word in the same place")
        for at, frame, word in _framed(spoken)
        if frame in frames and word not in frames[frame]
    ][:1]


def _frames(words: tuple[str, ...]) -> dict[tuple[str, str], set[str]]:
    frames: dict[tuple[str, str], set[str]] = {}
    for _, frame, word in _framed(list(words)):
        frames.setdefault(frame, set()).add(word)
    return frames


def _framed(words: list[str]) -> list[tuple[int, tuple[str, str], str]]:
    bare = [normal(word) for word in words]
    return [
        (at, (bare[at - 1], bare[at + 1]), word)
        for at in range(1, len(words) - 1)
        if (word := content(words[at]))
    ]
