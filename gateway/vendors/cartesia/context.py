"""A context: somebody who speaks, while what they say is still coming."""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE
from gateway.errors import Problem
from gateway.live.frames import Frame
from gateway.live.messages import TurnBegin, TurnEnd, TurnInterrupt, TurnText
from gateway.live.peer import Peer
from gateway.live.session import Session
from gateway.vendors.cartesia import answers
from gateway.vendors.cartesia.answers import Answer
from gateway.vendors.cartesia.messages import Input
from gateway.vendors.output import Output
from gateway.vendors.playlist import Playlist


class Wire(Protocol):
    """The way to the client."""

    request_id: str

    async def send(self, message: Answer) -> None: ...


class Context:
    """One turn of the conversation; where it is flushed, one turn after the other.

    It is the peer of a session of its own, so that contexts do not wait for one another.

    Args:
        context_id: By which the client knows it; the id of its first turn, too.
        asked: How to speak it, as its first message says.
        begin: Gives the beginning of a turn of that id, with its first words.
        wire: To the client.
        open_session: Gives a session that talks to a peer.
        playlist: Of all that the client hears.
        clock: Seconds, from any origin.
    """

    def __init__(
        self,
        context_id: str,
        asked: Input,
        *,
        begin: Callable[[str, str], Awaitable[TurnBegin]],
        wire: Wire,
        open_session: Callable[[Peer], Session],
        playlist: Playlist,
        clock: Callable[[], float],
    ) -> None:
        self.over = False
        """Whether nothing more will be said or taken."""
        self._id = context_id
        self._asked = asked
        self._begin = begin
        self._wire = wire
        self._playlist = playlist
        self._clock = clock
        self._session = open_session(self)
        self._turns: dict[str, int] = {}
        """In the order in which they are spoken, with the number of the flush that ends each."""
        self._spoken = 0
        """Turns of them that are over."""
        self._writing: str | None = None
        """The turn that takes more text."""
        self._flushes = 0
        self._due: deque[int] = deque()
        """Flushes that are not done."""
        self._ended = False
        """Whether no more text will come."""
        self._sent_s = 0.0
        self._turn_at_s = 0.0
        """Where the turn that is being heard begins, in the sound of the context."""
        self._output: Output | None = None
        self._worked_since = clock()

    @property
    def begun(self) -> bool:
        """Whether there is a turn of it."""
        return bool(self._turns)

    async def add(self, message: Input) -> None:
        """Take more of what it says.

        Raises:
            Problem, Refused: nothing was taken.
        """
        if self.over or self._ended:
            told = f"context {self._id!r} is over, and takes no more text; open another"
            raise Problem(409, told, code="context_over", param="context_id")
        await self._write(message.text)
        self._ended = not message.goes_on
        if message.flush:
            self._flushes += 1
            self._due.append(self._flushes)
        if self._writing and (message.flush or self._ended):
            ending, self._writing = TurnEnd(turn_id=self._writing), None
            await self._session.do(ending)
        await self._tell_ends()

    async def cancel(self) -> None:
        """Say no more; what was sent and waits to be played is not heard."""
        self.over = True
        turns = list(self._turns)
        while turns and len(self._turns) - len(turns) < self._spoken:
            if self._playlist.waiting_s(turns[0]) > 0:
                break
            del turns[0]
        if turns:
            await self._interrupt(turns)

    async def leave(self) -> None:
        """Nobody is there any more."""
        self.over = True
        await self._session.leave()

    async def tell(self, kind: str, **particulars: Any) -> None:
        """Say to the client what a session says."""
        if self.over:
            return
        match kind:
            case "turn.words" if self._asked.add_timestamps:
                words, turn = particulars["words"], particulars["turn_id"]
                at_s, number = self._turn_at_s, self._turns[turn]
                told = answers.timestamps(self._id, words, after_s=at_s, flush_id=number)
                await self._wire.send(told)
            case "turn.completed" | "turn.interrupted":
                await self._end_turn(particulars["turn_id"])
            case "turn.failed":
                await self._fail(particulars)

    async def play(self, frame: Frame) -> None:
        """Send sound as the client wants it."""
        seconds = len(frame.pcm) / BYTES_PER_SAMPLE / SAMPLE_RATE
        self._playlist.add(frame.turn_id, seconds)
        self._sent_s += seconds
        self._output = self._output or Output(self._asked.output_format.ours)
        await self._chunk(frame.turn_id, self._output.encode(self._asked.loud(frame.pcm)))

    async def refuse(self, error: Mapping[str, Any], status: int, *, ended: bool) -> None:
        """Say what was wrong, and whether that is the end."""
        self.over = self.over or ended
        request_id = self._wire.request_id
        told = answers.error(
            error, status=status, context_id=self._id, request_id=request_id, done=ended
        )
        await self._wire.send(told)

    async def _write(self, text: str) -> None:
        if self._writing:
            await self._session.do(TurnText(turn_id=self._writing, text=text))
        elif text.strip():
            turn_id = f"{self._id}.{len(self._turns) + 1}" if self._turns else self._id
            await self._session.do(await self._begin(turn_id, text))
            self._turns[turn_id], self._writing = self._flushes + 1, turn_id

    async def _chunk(self, turn_id: str, data: bytes) -> None:
        if not data:
            return
        now = self._clock()
        step_ms, self._worked_since = (now - self._worked_since) * 1000, now
        told = answers.chunk(self._id, data, step_ms=step_ms, flush_id=self._turns[turn_id])
        await self._wire.send(told)

    async def _end_turn(self, turn_id: str) -> None:
        if self._output is not None:
            output, self._output = self._output, None
            await self._chunk(turn_id, output.finish())
        self._turn_at_s = self._sent_s
        self._spoken += 1
        await self._tell_ends()

    async def _tell_ends(self) -> None:
        """Say which flushes are done, and whether all is."""
        awaited = next(iter(list(self._turns.values())[self._spoken :]), None)
        while self._due and (awaited is None or awaited > self._due[0]):
            await self._wire.send(answers.flush_done(self._id, self._due.popleft()))
        if self._ended and awaited is None and not self.over:
            self.over = True
            await self._wire.send(answers.done(self._id))

    async def _fail(self, particulars: Mapping[str, Any]) -> None:
        self._spoken += 1
        await self.refuse(particulars["error"], particulars["status"], ended=True)
        if following := list(self._turns)[self._spoken :]:
            await self._interrupt(following)

    async def _interrupt(self, turns: list[str]) -> None:
        """Stop turns at what can have been heard of the first of them."""
        played_ms = round(self._playlist.played_s(turns[0]) * 1000)
        for turn in turns:
            self._playlist.drop(turn)
        await self._session.do(TurnInterrupt(turn_id=turns[0], audio_played_ms=played_ms))
