"""One turn on a live connection: its words on their way in, its sound on its way out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from time import monotonic

from actors import tracing
from actors.archive import ArchiveUnavailable
from actors.commands import Dictate, GetTurn, Hear, Part, Speak
from actors.directory import ProcessDied
from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE
from actors.journal import JournalUnreachable
from actors.markup import Marks
from actors.utterance import Portion
from events.turn import Turn
from events.turns import TurnBegun, WordTime
from gateway.desk import Desk
from gateway.errors import Problem
from gateway.live.frames import Frame, Framer
from gateway.live.messages import TurnBegin
from gateway.live.pace import Pace
from gateway.live.peer import Peer
from gateway.live.wording import Wording

PAUSES_S = (0.1, 0.5, 1.0, 2.0)
"""Before each new attempt to go on with a turn whose process died."""


class Speaking:
    """A turn, from its first word on this connection to its last sample.

    Args:
        asked: How to speak it, and from where it is wanted.
        conversation_id: Whose turn.
        desk: To reach the conversation.
        peer: To whom it is spoken.
        key_id: Of the key with which it is asked for.
    """

    def __init__(
        self,
        asked: TurnBegin,
        conversation_id: str,
        desk: Desk,
        peer: Peer,
        key_id: str | None = None,
    ) -> None:
        self.turn_id = asked.turn_id
        self.sample = asked.sample
        """Up to which it was sent."""
        self.sent_before_ms = 0
        """On this connection, when it was asked for earlier."""
        self.cut = False
        """Whether it was interrupted by this connection: no more of it is sent."""
        self.over = False
        """Whether the caller has heard of its end."""
        self.reached = False
        """Whether the conversation may have heard of it."""
        self._conversation_id = conversation_id
        self._desk = desk
        self._peer = peer
        self._line = Speak(
            asked.turn_id,
            asked.speaker_id,
            "",
            asked.voice,
            asked.speed,
            asked.emotion,
            key_id=key_id,
        )
        self._marked = asked.markup != "none"
        self._wording = Wording(asked.turn_id, asked.markup, desk.system.voices)
        ahead_s = None if asked.ahead_ms is None else asked.ahead_ms / 1000
        self._pace = Pace(ahead_s, asyncio.get_running_loop().time)
        self._news = asyncio.Event()
        self._accepted = asyncio.Event()
        self._sent = 0
        self._marks_sent = 0
        self._told_begun = False
        self._words = 0
        self._listener_id = ""
        self._arrived: float | None = None
        self._work: asyncio.Task[None] | None = None

    @property
    def text(self) -> str:
        """As far as it came here, without markup."""
        return self._wording.text

    @property
    def finished(self) -> bool:
        """Whether nothing more of it will be sent or taken."""
        return self.over or self.cut

    @property
    def sent_ms(self) -> int:
        """The most of it that the caller can have."""
        return max(self.sent_before_ms, round(self.sample / SAMPLE_RATE * 1000))

    def add(self, text: str, at: int | None = None, *, ended: bool = False) -> None:
        """Take more of its words.

        Raises:
            Problem, Refused: and they were not taken.
        """
        written = self._wording.written
        begin = len(written) if at is None else at
        if self._wording.ended:
            message = f"turn {self.turn_id!r} was ended; its text is complete; begin another turn"
            raise Problem(409, message, code="turn_ended", param="turn_id")
        self._desk.bounded(written[:begin] + text, "text")
        self._wording.add(begin, text, ended=ended)
        self._arrived = self._arrived or monotonic()
        self._news.set()

    async def run(self) -> None:
        """Speak it, and return when the caller has heard of its end, or it was cut.

        Raises:
            PeerGone: there is nobody to hear it.
            Exception: why it could not be spoken; the caller has not heard of that.
        """
        self._work = asyncio.create_task(self._traced())
        try:
            await asyncio.wait({self._work})
        finally:
            self._work.cancel()
            await asyncio.wait({self._work})
        if not self._work.cancelled():
            self._work.result()

    def stop(self) -> None:
        """Send nothing more of it, from this moment."""
        self.cut = True
        if self._work is not None:
            self._work.cancel()

    async def stopped(self) -> None:
        """Return once nothing more of it is on its way to the conversation."""
        if self._work is not None:
            await asyncio.wait({self._work})

    def departure(self, *, whole: bool) -> Part:
        """That its listener is gone."""
        return Part(self.turn_id, self._listener_id, self.sent_ms, whole)

    async def tell_dropped(self) -> None:
        """Say that it was interrupted before any of it could be spoken: nothing is recorded."""
        await self._peer.tell(
            "turn.interrupted",
            turn_id=self.turn_id,
            turn=None,
            heard_text="",
            unheard_text=" ".join(self.text.split()),
            cut_word=None,
            audio_played_ms=0,
        )

    async def _traced(self) -> None:
        with tracing.root("live turn", conversation_id=self._conversation_id, turn_id=self.turn_id):
            await self._insist()

    async def _insist(self) -> None:
        for pause in (*PAUSES_S, None):
            try:
                await self._speak()
            except (ProcessDied, JournalUnreachable, ArchiveUnavailable):
                if pause is None:
                    raise
                await asyncio.sleep(pause)
                self._sent = self._marks_sent = 0  # whoever has it then may know of no word
            else:
                return

    async def _speak(self) -> None:
        self._listener_id, self.reached = self._desk.new_id(), True
        forwarding = asyncio.create_task(self._forward())
        hearing = asyncio.create_task(self._hear())
        tasks = {forwarding, hearing}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if hearing not in done:
                forwarding.result()
            await hearing
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _forward(self) -> None:
        """Pass words on as they come; those that come meanwhile go together."""
        wording = self._wording
        while True:
            self._news.clear()
            if wording.wrong is not None:
                raise wording.wrong
            text, marks, ended = wording.text, wording.marks, wording.ended
            await self._dictate(text[self._sent :], marks[self._marks_sent :], ended=ended)
            self._sent, self._marks_sent = len(text), len(marks)
            self._accepted.set()
            if ended:
                return
            if len(wording.text) == self._sent and not wording.ended:
                await self._news.wait()

    async def _dictate(self, text: str, marks: Marks, *, ended: bool) -> None:
        line = replace(self._line, text=text, marks=marks if self._marked else None)
        asked = Dictate(line, self._sent, ended, self._marks_sent)
        await self._desk.reception.ask(self._conversation_id, asked)

    async def _hear(self) -> None:
        asked = Hear(self.turn_id, self._listener_id, self.sample)
        turn, portions = await self._desk.reception.hear(self._conversation_id, asked)
        await self._accepted.wait()  # or it may be a turn of other words
        await self._tell_begun(turn)
        if turn.status == "begun":
            await self._play(portions)
            await self._desk.tell(self._conversation_id, self.departure(whole=True))
            turn = await self._desk.reception.ask(self._conversation_id, GetTurn(self.turn_id))
        elif turn.completion and not _barged_into(turn):
            await self._play(self._recorded(turn))
        await self._tell_end(turn)

    async def _play(self, portions: AsyncIterator[Portion]) -> None:
        framer = Framer(self.turn_id, self.sample)
        async with aclosing(portions):  # type: ignore[type-var]
            async for portion in portions:
                await self._tell_words(portion)
                for frame in framer.add(portion.pcm):
                    await self._send(frame)
        for frame in framer.flush():
            await self._send(frame)

    async def _send(self, frame: Frame) -> None:
        # Without this a loop that has much to send would not read what interrupts it.
        await asyncio.sleep(self._pace.wait_s)
        await self._peer.play(frame)
        samples = len(frame.pcm) // BYTES_PER_SAMPLE
        self._pace.sent(samples / SAMPLE_RATE)
        self._count(frame.sample + samples)

    def _count(self, sample: int) -> None:
        metrics = self._desk.metrics
        metrics.sound.inc((sample - self.sample) / SAMPLE_RATE)
        if self._arrived is not None:
            metrics.first_audio.observe(monotonic() - self._arrived)
            self._arrived = None
        self.sample = sample

    async def _recorded(self, turn: Turn) -> AsyncIterator[Portion]:
        pcm = await self._desk.system.audio.samples(turn.audio) if turn.audio else b""
        words = tuple(word for word in turn.words if word.end_s * SAMPLE_RATE > self.sample)
        first = len(turn.words) - len(words)
        yield Portion(self.sample, pcm[self.sample * BYTES_PER_SAMPLE :], first, words)

    async def _tell_begun(self, turn: Turn) -> None:
        if self._told_begun:
            return
        self._told_begun = True
        opening = turn.opening
        assert isinstance(opening, TurnBegun)  # noqa: S101
        await self._peer.tell(
            "turn.begun",
            turn_id=self.turn_id,
            turn=turn.number,
            status=turn.status,
            voice=opening.direction.voice,
            response_gap_ms=opening.response_gap_ms,
            sample=self.sample,
        )

    async def _tell_words(self, portion: Portion) -> None:
        known = max(0, self._words - portion.word)  # told before the process died
        words = portion.words[known:]
        if not words:
            return
        first = portion.word + known
        self._words = first + len(words)
        told = [_word(word) for word in words]
        await self._peer.tell("turn.words", turn_id=self.turn_id, first=first, words=told)

    async def _tell_end(self, turn: Turn) -> None:
        self.over = True
        if _barged_into(turn):
            await tell_interrupted(self._peer, turn)
            return
        await self._peer.tell(
            "turn.completed",
            turn_id=self.turn_id,
            turn=turn.number,
            text=turn.text,
            samples=self.sample,
            duration_s=turn.completion.duration_s if turn.completion else turn.duration_s,
        )


async def tell_interrupted(peer: Peer, turn: Turn) -> None:
    """Say what was heard of a turn that was cut short."""
    cut = turn.interruption
    assert cut is not None  # noqa: S101
    await peer.tell(
        "turn.interrupted",
        turn_id=turn.turn_id,
        turn=turn.number,
        heard_text=cut.heard_text,
        unheard_text=cut.unheard_text,
        cut_word=turn.cut_word,
        audio_played_ms=cut.audio_played_ms,
    )


def _barged_into(turn: Turn) -> bool:
    return turn.interruption is not None and turn.interruption.cause == "barge_in"


def _word(word: WordTime) -> dict[str, object]:
    return {"word": word.word, "start_s": word.start_s, "end_s": word.end_s}
