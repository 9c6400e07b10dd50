"""From an effect on a line to what is asked of each phrase of it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from actors.directing.effects import Effect, Stress
from actors.directing.scene import places
from events.direction import Phrase, WordProsody

PAUSE_BETWEEN_SENTENCES_S = 0.25
PAUSE_BETWEEN_CLAUSES_S = 0.1

SLOWEST, FASTEST = 0.25, 4.0
"""Of what can be asked of an engine."""

Wished = Sequence[WordProsody]


def realised(
    text: str,
    parts: Sequence[str],
    effect: Effect | None = None,
    *,
    speed: float = 1.0,
    words: Wished = (),
    seed: int | None = None,
    goes_on: bool = False,
) -> tuple[Phrase, ...]:
    """The phrases of a text, spoken as an effect has it.

    Args:
        text: Of the whole line.
        parts: Its phrases, with the letters of the text in its order.
        effect: What becomes of the line; nothing by default.
        speed: What the caller asked for.
        words: What the caller asked of single words, by place in `text`; it wins over the effect.
        seed: From which the seeds of the phrases follow, if the engine takes any.
        goes_on: Whether a pause comes after the last phrase too.
    """
    effect = effect or Effect()
    tone = effect.tone
    wished = _shared(text, parts, words)
    pauses = len(parts) if goes_on else len(parts) - 1
    return tuple(
        Phrase(
            text=part,
            speed=min(max(speed * _round(tone.rate), SLOWEST), FASTEST),
            pause_after_s=_round(_pause(part) * tone.pauses) if number < pauses else 0.0,
            pitch=_round(tone.pitch),
            pitch_range=_round(tone.range),
            final=None if number not in effect.finals else _round(effect.finals[number]),
            loudness=_round(tone.loudness),
            words=_asked(effect.words, within, asked),
            seed=None if seed is None else (seed + number + 1) % 2**32,
        )
        for number, (part, within, asked) in enumerate(
            zip(parts, places(parts), wished, strict=True)
        )
    )


def _round(value: float) -> float:
    """To what an ear could never tell, so that a record is short and sums come out even."""
    return round(value, 4) + 0.0  # not -0.0


def _asked(
    stresses: Mapping[int, Stress], within: range, wished: Wished
) -> tuple[WordProsody, ...]:
    """What is asked of the words of a phrase, by their places there; what was wished wins."""
    asked = {
        at - within.start: WordProsody(
            index=at - within.start, emphasis=_round(stress.emphasis), pitch=_round(stress.pitch)
        )
        for at, stress in stresses.items()
        if at in within
    }
    asked |= {word.index: word for word in wished}
    return tuple(asked[index] for index in sorted(asked))


def _shared(text: str, parts: Sequence[str], words: Wished) -> list[tuple[WordProsody, ...]]:
    """What is asked of the words of each phrase, by their places there.

    The phrases have the letters of the text in its order, so a word is where its first letter is.
    """
    places = begins(text)
    asked = {places[word.index]: word for word in words}
    return [
        tuple(
            asked[begin].model_copy(update={"index": index})
            for index, begin in enumerate(within)
            if begin in asked
        )
        for within in begun(parts)
    ]


def begun(parts: Sequence[str]) -> Iterator[list[int]]:
    """Where each word of each phrase begins, counted as in the whole text."""
    at = 0
    for part in parts:
        yield [at + begin for begin in begins(part)]
        at += sum(map(len, part.split()))


def begins(text: str) -> list[int]:
    """Where each word begins, counted in characters without white space."""
    return list(accumulate(map(len, text.split()), initial=0))[:-1]


def _pause(phrase: str) -> float:
    ends = phrase.rstrip("\"'”’)]").endswith((".", "!", "?", "…"))
    return PAUSE_BETWEEN_SENTENCES_S if ends else PAUSE_BETWEEN_CLAUSES_S
