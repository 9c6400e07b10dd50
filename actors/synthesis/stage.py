"""The port through which a conversation gets its lines spoken, and the performance of a line."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Protocol

from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE, Sound
from events.turns import Direction, Phrase, WordTime

FIRST_SOUND_WITHIN_S = 0.2
"""How soon a listener expects the first sound: the deadline of a first phrase."""


class WorkerDied(Exception):
    """The worker went away in the middle of a phrase; another can take the phrase up."""


class Stage(Protocol):
    """Says phrases, each by its deadline as far as the machine can."""

    def say(self, phrase: Phrase, voice: str, deadline_in_s: float) -> AsyncIterator[Sound]:
        """The sound of one phrase; closing the iterator stops its synthesis.

        Raises:
            Busy: no worker became free in time.
            WorkerDied: after any number of pieces.
            EngineError: see `Engine.synthesise`.
        """
        ...


def seconds(pcm_bytes: int) -> float:
    """How long so many bytes of samples sound."""
    return pcm_bytes / (SAMPLE_RATE * BYTES_PER_SAMPLE)


async def perform(
    stage: Stage, direction: Direction, *, clock: Callable[[], float], takes: int = 3
) -> AsyncGenerator[Sound, None]:
    """All phrases of a direction, one after the other, word times counted from the turn's start.

    A phrase whose worker dies is taken up by another, which delivers only what is still missing.

    Args:
        stage: Where to speak.
        direction: What to speak, and how.
        clock: Seconds, from any origin.
        takes: Workers to try for one phrase.

    Raises:
        Busy, EngineError: see `Stage.say`.
        WorkerDied: the last take failed too.
    """
    began = clock()
    sounded = 0  # bytes delivered
    for phrase in direction.phrases:
        start = sounded
        for take in range(takes):
            runs_dry_in_s = began + seconds(sounded) - clock() + FIRST_SOUND_WITHIN_S
            sounds = stage.say(phrase, direction.voice, runs_dry_in_s)
            try:
                async with aclosing(_missing(sounds, sounded - start)) as missing:
                    async for sound in missing:
                        words = _shifted(sound.words, seconds(start))
                        sounded += len(sound.pcm)
                        yield Sound(sound.pcm, words)
                break
            except WorkerDied:
                if take == takes - 1:
                    raise


async def _missing(sounds: AsyncIterator[Sound], delivered: int) -> AsyncGenerator[Sound, None]:
    """What follows the first `delivered` bytes; words that began before are not repeated."""
    passed = 0
    async with aclosing(sounds):  # type: ignore[type-var]
        async for sound in sounds:
            fresh = sound.pcm[max(0, delivered - passed) :]
            passed += len(sound.pcm)
            words = (
                tuple(w for w in sound.words if w.start_s >= seconds(delivered))
                if delivered
                else sound.words
            )
            if fresh or words:
                yield Sound(fresh, words)


def _shifted(words: tuple[WordTime, ...], by_s: float) -> tuple[WordTime, ...]:
    return tuple(
        WordTime(w.word, round(w.start_s + by_s, 4), round(w.end_s + by_s, 4)) for w in words
    )
