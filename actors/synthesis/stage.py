"""The port through which a conversation gets its lines spoken, and the performance of a line."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE, Sound
from actors.synthesis.admission import FIRST_SOUND_WITHIN_S
from actors.synthesis.claims import NOBODYS, Claim
from events.direction import Direction, Phrase
from events.turns import WordTime


class WorkerDied(Exception):
    """The worker went away in the middle of a phrase; another can take the phrase up."""


class WorkerSilent(WorkerDied):
    """The worker is there and does not answer: it hangs."""


class Stage(Protocol):
    """Says phrases, each by its deadline as far as the machine can."""

    async def admit(self, claim: Claim, deadline_in_s: float, characters: int) -> None:
        """Let a turn in before it begins; what it says is then never refused for another's sake.

        Without this a turn is let in, or refused, with its first phrase.

        Args:
            claim: For whom; its rest is not counted.
            deadline_in_s: Seconds until its first sound is wanted.
            characters: Of all its text, as far as it is known.

        Raises:
            Busy: it would make others stutter; the refusal names the time when it would not.
            WorkerDied: nobody is there to be asked.
        """
        ...

    def leave(self, claim: Claim) -> None:
        """A turn that was let in does not begin after all."""
        ...

    def say(
        self,
        phrase: Phrase,
        voice: str,
        deadline_in_s: float,
        after_s: float,
        claim: Claim = NOBODYS,
    ) -> AsyncIterator[Sound]:
        """The sound of one phrase; closing the iterator stops its synthesis.

        Args:
            phrase: What to say, and how.
            voice: A voice or a blend.
            deadline_in_s: Seconds until its listener would run out of sound.
            after_s: How much sound of its turn comes before it, see `Engine.synthesise`.
            claim: For whom, and what of its turn follows.

        Raises:
            Busy: there is no room for its turn, which is new, or no worker became free in time.
            WorkerDied: after any number of pieces.
            EngineError: see `Engine.synthesise`.
        """
        ...


class OwnStage:
    """The stage as a conversation has it: what it claims, it claims for itself."""

    def __init__(self, stage: Stage, conversation_id: str) -> None:
        self._stage = stage
        self._conversation_id = conversation_id

    async def admit(self, claim: Claim, deadline_in_s: float, characters: int) -> None:
        await self._stage.admit(self._own(claim), deadline_in_s, characters)

    def leave(self, claim: Claim) -> None:
        self._stage.leave(self._own(claim))

    def say(
        self,
        phrase: Phrase,
        voice: str,
        deadline_in_s: float,
        after_s: float,
        claim: Claim = NOBODYS,
    ) -> AsyncIterator[Sound]:
        return self._stage.say(phrase, voice, deadline_in_s, after_s, self._own(claim))

    def _own(self, claim: Claim) -> Claim:
        return replace(claim, conversation_id=self._conversation_id)


def seconds(pcm_bytes: int) -> float:
    """How long so many bytes of samples sound."""
    return pcm_bytes / (SAMPLE_RATE * BYTES_PER_SAMPLE)


async def perform(
    stage: Stage,
    direction: Direction,
    *,
    clock: Callable[[], float],
    takes: int = 3,
    began: float | None = None,
    sounded: int = 0,
    claim: Claim = NOBODYS,
) -> AsyncGenerator[Sound, None]:
    """All phrases of a direction, one after the other, word times counted from the turn's start.

    A phrase whose worker dies is taken up by another, which delivers only what is still missing.

    Args:
        stage: Where to speak.
        direction: What to speak, and how.
        clock: Seconds, from any origin.
        takes: Workers to try for one phrase.
        began: When the turn began, on that clock; now, if this is all of it.
        sounded: Bytes of the turn's sound that come before.
        claim: For whom; its rest is what follows the direction.

    Raises:
        Busy, EngineError: see `Stage.say`.
        WorkerDied: the last take failed too.
    """
    began = clock() if began is None else began
    dry_at = began + seconds(sounded) + FIRST_SOUND_WITHIN_S
    following = sum(len(phrase.text) for phrase in direction.phrases)
    for phrase in direction.phrases:
        start = sounded
        following -= len(phrase.text)
        for take in range(takes):
            dry_in_s, after_s = dry_at - clock(), seconds(start)
            sounds = stage.say(
                phrase,
                phrase.voice or direction.voice,
                dry_in_s,
                after_s,
                claim.of_phrase(following, begun=start > 0),
            )
            try:
                async with aclosing(_missing(sounds, sounded - start)) as missing:
                    async for sound in missing:
                        words = _shifted(sound.words, seconds(start))
                        dry_at = max(dry_at, clock()) if sounded else clock()
                        dry_at += seconds(len(sound.pcm))
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
