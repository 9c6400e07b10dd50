"""The director: how the next line is to be spoken."""

import zlib
from collections.abc import Iterator, Sequence
from itertools import accumulate

from actors import phrases
from actors.commands import Speak
from actors.engines.base import Capabilities
from events.state import State
from events.turns import Direction, Phrase, Reason, WordProsody

PAUSE_BETWEEN_SENTENCES_S = 0.25
PAUSE_BETWEEN_CLAUSES_S = 0.1


def direct(
    state: State, command: Speak, *, voice: str | None, capabilities: Capabilities
) -> Direction:
    """The direction of a line of a participant, whose own voice `state` knows.

    Args:
        state: The conversation before the line.
        command: The line, with something speakable, and what the caller wants of it.
        voice: The caller's choice for this line, if any, resolved.
        capabilities: Of the engine: what it lacks is dropped, with a reason.
    """
    own = state.participants[command.speaker_id].voice
    words, dropped = _obeyable(command.words, capabilities)
    reasons = [_voice_reason(command.speaker_id, own, voice), *_asked_for(command), *dropped]
    seed = zlib.crc32(command.turn_id.encode()) if capabilities.seed else None
    return Direction(
        voice=voice or own or "",
        phrases=_phrases(command.text, command.speed, words, seed),
        reasons=tuple(reasons),
    )


def plain(text: str, *, voice: str, speed: float) -> Direction:
    """The direction of a line outside any conversation."""
    return Direction(voice=voice, phrases=_phrases(text, speed))


def _asked_for(command: Speak) -> Iterator[Reason]:
    if command.speed != 1.0:
        speed = command.speed
        yield Reason(rule="speed asked for", because=f"speed={speed:g}", effect=f"rate × {speed:g}")
    if command.emotion is not None:
        effect = "none: the engines have no control for it"
        yield Reason(rule="emotion asked for", because=f"emotion={command.emotion}", effect=effect)


def _obeyable(
    asked: Sequence[WordProsody], capabilities: Capabilities
) -> tuple[tuple[WordProsody, ...], list[Reason]]:
    """What the engine can do of what is asked of single words; and why not the rest."""
    if not asked:
        return (), []
    because = f"{len(asked)} of them"
    if not capabilities.words:
        return (), [_lacking("words asked for", because, "single words")]
    if not capabilities.pitch and any(word.pitch for word in asked):
        level = tuple(word.model_copy(update={"pitch": 0.0}) for word in asked)
        return level, [_lacking("pitch of words asked for", because, "pitch")]
    return tuple(asked), [Reason(rule="words asked for", because=because, effect="as asked")]


def _lacking(rule: str, because: str, what: str) -> Reason:
    return Reason(rule=rule, because=because, effect=f"none: the engine has no control of {what}")


def _phrases(
    text: str, speed: float, words: Sequence[WordProsody] = (), seed: int | None = None
) -> tuple[Phrase, ...]:
    parts = phrases.split(text)
    shared = _shared(text, parts, words) if words else [()] * len(parts)
    return tuple(
        Phrase(
            text=part,
            speed=speed,
            pause_after_s=_pause(part) if number < len(parts) else 0.0,
            words=shared[number - 1],
            seed=None if seed is None else (seed + number) % 2**32,
        )
        for number, part in enumerate(parts, start=1)
    )


def _shared(
    text: str, parts: Sequence[str], words: Sequence[WordProsody]
) -> list[tuple[WordProsody, ...]]:
    """What is asked of the words of each phrase, by their places there.

    The phrases have the letters of the text in its order, so a word is where its first letter is.
    """
    begins = _begins(text)
    asked = {begins[word.index]: word for word in words}
    shared, at = [], 0
    for part in parts:
        here = enumerate(at + begin for begin in _begins(part))
        shared.append(
            tuple(
                asked[begin].model_copy(update={"index": index})
                for index, begin in here
                if begin in asked
            )
        )
        at += sum(map(len, part.split()))
    return shared


def _begins(text: str) -> list[int]:
    """Where each word begins, counted in characters without white space."""
    return list(accumulate(map(len, text.split()), initial=0))[:-1]


def _pause(phrase: str) -> float:
    ends = phrase.rstrip("\"'”’)]").endswith((".", "!", "?", "…"))
    return PAUSE_BETWEEN_SENTENCES_S if ends else PAUSE_BETWEEN_CLAUSES_S


def _voice_reason(speaker_id: str, own: str | None, asked: str | None) -> Reason:
    if asked is not None and asked != own:
        return Reason(
            rule="voice asked for", because=f"voice={asked}", effect=f"{asked}, for this line"
        )
    return Reason(
        rule="a voice is for good", because=f"{speaker_id} has {own}", effect=f"spoken by {own}"
    )
