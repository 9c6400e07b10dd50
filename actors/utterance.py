"""A turn while it is being spoken: one voice, any number of listeners, each from the start."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import NamedTuple

from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE, Sound
from actors.synthesis.stage import seconds
from events.turns import Words, WordTime

MOST_TOGETHER = 5
"""Pieces that go together to a listener for whom they are there: a second of sound."""


class Portion(NamedTuple):
    """What follows of a turn's sound, and what is new of its words."""

    sample: int
    """Where it begins, in samples from the first of the turn."""
    pcm: bytes
    word: int
    """The place of the first of `words` among all words that were spoken."""
    words: tuple[WordTime, ...]


class Utterance:
    """Collects the sound of a turn and hands it to whoever listens."""

    def __init__(self) -> None:
        self.failure: BaseException | None = None
        self._pieces: list[bytes] = []
        self._words: list[WordTime] = []
        self._over = False
        self._news = asyncio.Event()
        self._listeners: set[str] = set()
        self._parted: set[str] = set()
        self._delivered_ms = 0
        self._whole = False

    def add(self, sound: Sound) -> None:
        self._pieces.append(sound.pcm)
        self._words += sound.words
        self._announce()

    def finish(self) -> None:
        """No more sound will come."""
        self._over = True
        self._announce()

    def fail(self, failure: BaseException) -> None:
        """No more sound will come; listeners are told why."""
        self.failure = failure
        self.finish()

    @property
    def over(self) -> bool:
        return self._over

    @property
    def pcm(self) -> bytes:
        return b"".join(self._pieces)

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(map(len, self._pieces))

    @property
    def duration_s(self) -> float:
        return seconds(self.size)

    def words(self, text: str) -> Words:
        """Times of the words of the text, as written there, as far as they have been spoken."""
        return tuple(whole_words(self._words, text.split()))

    def join(self, listener_id: str) -> AsyncIterator[bytes]:
        """All samples, from the first; ends with the turn, or when the listener parts.

        Raises:
            Exception: whatever ended the turn early.
        """
        self._listeners.add(listener_id)
        return self._listen(listener_id)

    def follow(self, listener_id: str, sample: int) -> AsyncIterator[Portion]:
        """The sound from a sample on, with the words that end after it, as they become known.

        Raises: as `join`.
        """
        self._listeners.add(listener_id)
        return self._follow(listener_id, sample)

    async def _follow(self, listener_id: str, sample: int) -> AsyncIterator[Portion]:
        words = sum(1 for word in self._words if word.end_s * SAMPLE_RATE <= sample)
        at = 0  # samples given or passed over
        pieces = self._listen(listener_id)
        async with aclosing(pieces):
            async for piece in pieces:
                begin, at = at, at + len(piece) // BYTES_PER_SAMPLE
                if at <= sample:
                    continue
                skipped = max(0, sample - begin)
                told, words = tuple(self._words[words:]), len(self._words)
                first = words - len(told)
                yield Portion(begin + skipped, piece[skipped * BYTES_PER_SAMPLE :], first, told)

    async def _listen(self, listener_id: str) -> AsyncGenerator[bytes, None]:
        given = 0
        while listener_id in self._listeners:
            while given < len(self._pieces):
                together = self._pieces[given : given + MOST_TOGETHER]
                given += len(together)
                yield b"".join(together)
            if self._over and given == len(self._pieces):
                break
            await self._more(given)
        if self.failure is not None:
            raise self.failure

    def part(self, listener_id: str, delivered_ms: int, *, whole: bool) -> int | None:
        """A listener is gone, having been given so much, or the whole.

        Whoever parts again is told the same; who listened to an earlier take of the turn makes no
        difference.

        Returns:
            If nobody listens any more and nobody was given the whole: the most that anybody was
            given, in milliseconds. Otherwise None.
        """
        if listener_id in self._listeners:
            self._listeners.remove(listener_id)
            self._parted.add(listener_id)
            self._whole |= whole
            self._delivered_ms = max(self._delivered_ms, delivered_ms)
            self._announce()
        elif listener_id not in self._parted:
            return None
        return None if self._listeners or self._whole else self._delivered_ms

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def _announce(self) -> None:
        self._news.set()

    async def _more(self, given: int) -> None:
        if given == len(self._pieces) and not self._over:
            self._news.clear()
            await self._news.wait()


def whole_words(spoken: Sequence[WordTime], written: Sequence[str]) -> list[WordTime]:
    """One time for each written word that was begun.

    A word too long for one phrase was spoken in pieces; they are put together again.
    """
    times: list[WordTime] = []
    rest = iter(spoken)
    for word in written:
        piece = next(rest, None)
        if piece is None:
            break
        so_far, end_s = piece.word, piece.end_s
        while len(so_far) < len(word) and (more := next(rest, None)) is not None:
            so_far, end_s = so_far + more.word, more.end_s
        times.append(WordTime(word, piece.start_s, end_s))
    return times
