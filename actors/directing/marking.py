"""What is written into a line about how to speak it, laid over what the director makes of it."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from actors.directing.phrasing import FASTEST, SLOWEST, begins, begun
from actors.directing.planning import MARKED
from actors.engines.base import Capabilities
from actors.engines.sayings import sayable
from actors.markup.marks import PLAIN, Style
from actors.markup.words import Asked, Wishes
from events.direction import Phrase, Reason, WordProsody, WordSaying

_NEEDS = {
    "rate": ("speed", "speed"),
    "pitch": ("pitch", "pitch"),
    "range": ("pitch", "pitch"),
    "loudness": ("loudness", "loudness"),
    "emphasis": ("words", "single words"),
}
"""By part of a style, the capability that it takes, and what an engine without it lacks."""
_OF_PHRASES = ("voice", "loudness", "range")
"""Parts of a style that a whole phrase has, or none of it."""
_UNKNOWN = "none: the engine does not know all of them; the words are said as they are written"


def obeyable(wishes: Wishes, capabilities: Capabilities) -> tuple[Wishes, list[Reason]]:
    """What an engine can do of what is written into a line; and what is done, and dropped, why."""
    lacking = {part: why for part, (able, why) in _NEEDS.items() if not getattr(capabilities, able)}
    plain = {part: getattr(PLAIN, part) for part in lacking}
    words = tuple(replace(word, style=replace(word.style, **plain)) for word in wishes.words)
    kept = replace(wishes, words=words)
    if not capabilities.pauses:
        lacking["pause"] = "pauses"
        silent = tuple(replace(word, pause_after_s=None) for word in words)
        kept = Wishes(silent, 0.0)
    dropped = {part: count for part, count in _counts(wishes).items() if part in lacking}
    return kept, [*_done(_counts(kept)), *_dropped(dropped, lacking)]


def sounding(wishes: Wishes, capabilities: Capabilities) -> tuple[Wishes, list[Reason]]:
    """The wishes without phonemes that an engine does not know, and why."""
    words = tuple(
        word if word.said is None else replace(word, said=sayable(word.said, capabilities.phonemes))
        for word in wishes.words
    )
    lost = sum(was.said != word.said for was, word in zip(wishes.words, words, strict=True))
    reasons = (
        [Reason(rule="phonemes", because=f"of {_words(lost)}", effect=_UNKNOWN)] if lost else []
    )
    return replace(wishes, words=words), reasons


def cuts(wishes: Wishes, text: str, capabilities: Capabilities) -> tuple[int, ...]:
    """Where phrases have to begin, in characters of the line.

    So they do where something changes that only a whole phrase has; without control of single
    words, that is every part of a style, and a pause.
    """
    return tuple(
        at
        for at, before, word in zip(_places(text), wishes.words, wishes.words[1:], strict=False)
        if _parted(before, word, capabilities)
    )


def marked(phrases: Sequence[Phrase], text: str, wishes: Wishes) -> tuple[Phrase, ...]:
    """The phrases of a line with what is written into it.

    What all words of a phrase share, the phrase has; a pause after its last word takes the place of
    the one that would follow it.
    """
    if not wishes.words:
        return tuple(phrases)
    own = begins(text)
    spoken = []
    for phrase, places in zip(phrases, begun([phrase.text for phrase in phrases]), strict=True):
        asked = [_asked(wishes.words, own, place) for place in places]
        spoken.append(_marked(phrase, asked))
    first = spoken[0].model_copy(update={"pause_before_s": wishes.pause_before_s})
    return (first, *spoken[1:])


def _asked(words: Sequence[Asked], own: Sequence[int], place: int) -> Asked:
    """What is asked of a word of a phrase; the rest of one that was cut has only its style."""
    index = bisect_right(own, place) - 1
    word = words[index]
    if own[index] == place:
        return word
    return Asked(word.style, said=None if word.said is None else "")


def _marked(phrase: Phrase, asked: Sequence[Asked]) -> Phrase:
    styles = [word.style for word in asked]
    rate, pitch = _shared(styles, "rate"), _shared(styles, "pitch")
    last = asked[-1].pause_after_s
    return phrase.model_copy(
        update={
            "speed": min(max(phrase.speed * rate, SLOWEST), FASTEST),
            "pitch": phrase.pitch + pitch,
            "pitch_range": phrase.pitch_range * styles[0].range,
            "loudness": phrase.loudness + styles[0].loudness,
            "voice": styles[0].voice,
            "pause_after_s": phrase.pause_after_s if last is None else last,
            "words": tuple(_prosody(phrase, asked, rate, pitch)),
            "sayings": tuple(
                WordSaying(index=index, said=word.said)
                for index, word in enumerate(asked)
                if word.said is not None
            ),
        }
    )


def _prosody(
    phrase: Phrase, asked: Sequence[Asked], rate: float, pitch: float
) -> Iterator[WordProsody]:
    """What is asked of single words, beside the rate and pitch that all of them have."""
    own = {word.index: word for word in phrase.words}
    for index, word in enumerate(asked):
        before, style = own.get(index, WordProsody(index=index)), word.style
        inside = index < len(asked) - 1 and word.pause_after_s
        wanted = WordProsody(
            index=index,
            rate=before.rate * style.rate / rate,
            pitch=before.pitch + style.pitch - pitch,
            emphasis=before.emphasis if style.emphasis is None else style.emphasis,
            pause_after_s=before.pause_after_s + (inside or 0.0),
        )
        if index in own or wanted != WordProsody(index=index):
            yield wanted


def _shared(styles: Sequence[Style], part: str) -> float:
    """What all styles have of a part, or else what one has of which nothing is asked."""
    values = {getattr(style, part) for style in styles}
    shared: float = values.pop() if len(values) == 1 else getattr(PLAIN, part)
    return shared


def _parted(before: Asked, word: Asked, capabilities: Capabilities) -> bool:
    if any(getattr(before.style, part) != getattr(word.style, part) for part in _OF_PHRASES):
        return True
    changed = before.style != word.style or before.pause_after_s is not None
    return changed and not capabilities.words


def _places(text: str) -> Iterator[int]:
    """Where each word but the first begins, in characters."""
    at = 0
    for number, word in enumerate(text.split()):
        at = text.index(word, at)
        if number:
            yield at
        at += len(word)


def _counts(wishes: Wishes) -> dict[str, int]:
    """Of how many words something is asked, by what it is."""
    parts = ("rate", "pitch", "range", "loudness", "emphasis", "voice")
    counts = {part: sum(_differs(word.style, part) for word in wishes.words) for part in parts}
    pauses = sum(word.pause_after_s is not None for word in wishes.words)
    counts["pause"] = pauses + (wishes.pause_before_s > 0)
    counts["sound"] = sum(word.said is not None for word in wishes.words)
    return {what: count for what, count in counts.items() if count}


def _differs(style: Style, part: str) -> Any:
    return getattr(style, part) != getattr(PLAIN, part)


def _done(counts: dict[str, int]) -> Iterator[Reason]:
    if counts:
        because = ", ".join(f"{what} of {_words(count)}" for what, count in counts.items())
        yield Reason(rule=MARKED, because=because, effect="as written")


def _dropped(counts: dict[str, int], lacking: dict[str, str]) -> Iterator[Reason]:
    for what, count in counts.items():
        effect = f"none: the engine has no control of {lacking[what]}"
        yield Reason(rule=MARKED, because=f"{what} of {_words(count)}", effect=effect)


def _words(count: int) -> str:
    return "1 word" if count == 1 else f"{count} words"
