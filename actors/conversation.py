"""A conversation awake: its state, its one writer, and the turns it is speaking."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Protocol, assert_never

from actors import decisions
from actors.commands import (
    Command,
    End,
    Fork,
    GetState,
    GetTurn,
    GetTurns,
    Interrupt,
    Join,
    Leave,
    Listen,
    Obey,
    Obeyed,
    Part,
    Request,
    Speak,
    Start,
)
from actors.engines.base import EngineError
from actors.journal import Journal, JournalUnreachable
from actors.refusals import (
    Busy,
    NotYetStarted,
    Refused,
    SpeechFailed,
    TurnNotSpoken,
    UnknownConversation,
    UnknownTurn,
    UnknownVersion,
)
from actors.synthesis.stage import Stage, WorkerDied, perform
from actors.utterance import Utterance
from actors.voices import Voices
from actors.writing import Decide, Surrendered, Writer
from events.log import LogError
from events.replay import replay, until
from events.state import State
from events.turn import Transcript, Turn
from events.turns import Event, Failure, Timings, TurnBegun, TurnCompleted, TurnFailed


class AudioKeeper(Protocol):
    """Keeps finished audio, addressed by its content."""

    async def keep(self, pcm: bytes) -> str:
        """Keep samples for good; returns their content hash."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """What a conversation works with."""

    journal: Journal
    stage: Stage
    audio: AudioKeeper
    engine: str
    """Name of the engine that speaks."""
    voices: Voices
    now: Callable[[], datetime]
    clock: Callable[[], float]
    """Seconds, from any origin."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """The answer to `Speak`: the turn as it stands, then its sound."""

    turn: Turn
    sound: AsyncIterator[bytes] | None
    """None where the whole turn is in the record, to be fetched by its content hash."""


class Conversation:
    """One conversation, for as long as this process owns it."""

    def __init__(self, conversation_id: str, means: Means) -> None:
        self._id = conversation_id
        self._means = means
        self._writer = Writer(conversation_id, means.journal)
        self._speaking: dict[str, _Speaking] = {}

    async def wake(self) -> None:
        """Take the conversation over, and close the turns that an earlier owner left open."""
        await self._writer.wake()
        open_turns = decisions.lost(self._writer.transcript, self._means.now())
        if open_turns:
            await self._writer.write(f"lost/{self._writer.epoch}", lambda _s, _t: open_turns)

    async def sleep(self) -> bool:
        """Give the conversation back; refuses, with False, while it has something to do."""
        if self.busy:
            return False
        self._speaking.clear()
        await self._writer.release()
        return True

    @property
    def busy(self) -> bool:
        return self._writer.busy or any(not s.task.done() for s in self._speaking.values())

    async def answer(self, request: Request) -> object:
        """Answer a request; see `actors.commands` for what each is answered with.

        Raises:
            Refused: and nothing was recorded.
            LogUnavailable, JournalUnreachable: ask again in the same words.
            Surrendered: another process owns the conversation.
        """
        match request:
            case Listen():
                command_id = f"{request.turn_id}/heard/{self._writer.state.version}"
                await self._writer.write(command_id, self._decider(request))
                return self._known(request.turn_id), self._writer.state.version
            case Obey():
                decide = self._decider(request.command)
                new = await self._writer.write(request.command_id, decide)
                return Obeyed(self._writer.state, new)
            case Interrupt():
                return await self.interrupt(request), self._writer.state.version
            case Part():
                await self.part(request)
                return None
            case GetTurn():
                await self._settled()
                return self._known(request.turn_id)
            case GetTurns():
                await self._settled()
                later = (t for t in self._writer.transcript if t.number > request.after)
                return tuple(islice(later, request.limit))
            case GetState():
                await self._settled()
                return await self._state(request)
            case _:
                assert_never(request)

    async def speak(self, command: Speak, listener_id: str) -> Spoken:
        """Speak a line, join it while it is being spoken, or find it in the record.

        The sound starts once the turn's beginning is durable.

        Raises: as `answer`.
        """
        attempt = _Attempt(self._means.clock(), asyncio.Event())
        await self._give_up_if_silent(command.turn_id)

        def decide(state: State, turns: Transcript) -> list[Event]:
            events = decisions.speak(
                state,
                turns.get(command.turn_id),
                command,
                now=self._means.now(),
                engine=self._means.engine,
                voices=self._means.voices,
            )
            if events and isinstance(events[-1], TurnBegun):
                self._abandon(attempt)
                attempt.speaking = self._begin(events[-1], attempt)
            return events

        command_id = f"{command.turn_id}/begin/{self._writer.state.version}"
        try:
            await self._writer.write(command_id, decide)
        except BaseException:
            self._abandon(attempt)
            raise
        attempt.begun_ms = self._ms_since(attempt)
        attempt.durable.set()
        turn = self._known(command.turn_id)
        ended_badly = turn.speakable_again and attempt.speaking is None  # as we came to join it
        if ended_badly:
            return await self.speak(command, listener_id)
        if turn.status != "begun":
            return Spoken(turn, None)
        speaking = self._speaking.get(command.turn_id)
        if speaking is None or speaking.stopped:  # it is being interrupted at this moment
            raise Busy(1)
        return Spoken(turn, speaking.utterance.join(listener_id))

    async def part(self, gone: Part) -> None:
        """A listener of a turn is gone; the last to go before its end interrupts it there."""
        speaking = self._speaking.get(gone.turn_id)
        if speaking is None:  # this conversation slept, or moved, in between
            most_ms = None if gone.whole else gone.delivered_ms
        else:
            most_ms = speaking.utterance.part(gone.listener_id, gone.delivered_ms, whole=gone.whole)
            if speaking.task.done() and not speaking.utterance.listeners:
                self._speaking.pop(gone.turn_id)
        if most_ms is not None:
            with suppress(UnknownTurn, TurnNotSpoken):
                await self.interrupt(Interrupt(gone.turn_id, most_ms, cause="listener_left"))

    async def interrupt(self, command: Interrupt) -> Turn:
        """Stop a turn and record what was heard of it; repeated, the first answer stands."""
        speaking = await self._stop(command.turn_id)
        try:
            await self._cut(command, speaking.utterance if speaking else None)
        except BaseException:
            if speaking is not None:
                speaking.stopped = False
            raise
        self._dismiss(command.turn_id, speaking)
        return self._known(command.turn_id)

    async def _cut(self, command: Interrupt, partial: Utterance | None) -> None:
        await self._settled()
        known = self._known(command.turn_id)
        if known.completion is not None or known.interruption is not None:
            partial = None
        audio = await self._means.audio.keep(partial.pcm) if partial else None

        def decide(_: State, turns: Transcript) -> list[Event]:
            now_known = turns.get(command.turn_id) or known
            unfinished = partial if now_known.completion is None else None
            return decisions.interrupt(
                now_known,
                command,
                self._means.now(),
                audio=audio if unfinished else None,
                duration_s=unfinished.duration_s if unfinished else None,
                words=unfinished.words(known.text) if unfinished else None,
            )

        command_id = f"{command.turn_id}/interrupt/{self._writer.state.version}"
        await self._writer.write(command_id, decide)

    async def _settled(self) -> None:
        await self._writer.settled()
        if self._writer.state.status == "new":
            raise UnknownConversation(self._id)

    async def _state(self, asked: GetState) -> State:
        now = self._writer.state
        if asked.version is None and asked.at is None:
            return now
        if asked.version is not None and not 1 <= asked.version <= now.version:
            raise UnknownVersion(asked.version, now.version)
        recorded = await self._means.journal.read(self._id)
        then = replay(self._id, until(recorded, version=asked.version, at=asked.at)).state
        if then.status == "new":
            raise NotYetStarted(self._id, asked.at)
        return then

    def _known(self, turn_id: str) -> Turn:
        turn = self._writer.transcript.get(turn_id)
        if turn is None:
            raise UnknownTurn(turn_id)
        return turn

    def _decider(self, command: Command) -> Decide:
        voices = self._means.voices
        match command:
            case Start():
                return lambda state, _: decisions.start(state, command, voices)
            case Join():
                return lambda state, _: decisions.join(state, command, voices)
            case Leave():
                return lambda state, _: decisions.leave(state, command)
            case Listen():
                return lambda state, turns: decisions.listen(
                    state, turns.get(command.turn_id), command, self._means.now()
                )
            case Fork():
                return lambda state, _: decisions.fork(state, command, self._means.now())
            case End():
                return lambda state, _: decisions.end(state, command)
            case _:
                assert_never(command)

    def _begin(self, begun: TurnBegun, attempt: "_Attempt") -> "_Speaking":
        utterance = Utterance()
        task = asyncio.create_task(self._voice(utterance, begun, attempt))
        speaking = self._speaking[begun.turn_id] = _Speaking(utterance, task)
        return speaking

    async def _voice(self, utterance: Utterance, begun: TurnBegun, attempt: "_Attempt") -> None:
        try:
            await self._perform(utterance, begun, attempt)
        except Refused as refusal:
            await self._fail(utterance, begun, refusal, attempt)
        except (EngineError, WorkerDied) as failure:
            await self._fail(utterance, begun, SpeechFailed(str(failure)), attempt)
        except Exception as failure:  # noqa: BLE001  (its listeners hear of it, and so does the log)
            await self._fail(utterance, begun, failure, attempt)
        else:
            utterance.finish()

    async def _perform(self, utterance: Utterance, begun: TurnBegun, attempt: "_Attempt") -> None:
        first_ms: float | None = None
        sounds = perform(self._means.stage, begun.direction, clock=self._means.clock)
        async with aclosing(sounds):
            async for sound in sounds:
                await attempt.durable.wait()
                utterance.add(sound)
                first_ms = first_ms or self._ms_since(attempt)
        synthesised_ms = self._ms_since(attempt)
        await attempt.durable.wait()
        completed = TurnCompleted(
            turn_id=begun.turn_id,
            audio=await self._means.audio.keep(utterance.pcm),
            duration_s=utterance.duration_s,
            words=utterance.words(begun.text),
            completed_at=self._means.now(),
            timings=Timings(
                begun_ms=attempt.begun_ms, first_audio_ms=first_ms, synthesised_ms=synthesised_ms
            ),
        )
        await self._close(completed)

    async def _fail(
        self, utterance: Utterance, begun: TurnBegun, failure: Exception, attempt: "_Attempt"
    ) -> None:
        await attempt.durable.wait()
        failed = TurnFailed(
            turn_id=begun.turn_id, cause=_cause(failure), failed_at=self._means.now()
        )
        with suppress(Refused, LogError, JournalUnreachable, Surrendered):
            await self._close(failed)  # if even that fails: see `_give_up_if_silent`
        utterance.fail(failure)

    async def _give_up_if_silent(self, turn_id: str) -> None:
        """Close a turn that is open in the record while nobody speaks it any more."""
        turn, speaking = self._writer.transcript.get(turn_id), self._speaking.get(turn_id)
        if turn is None or turn.status != "begun" or (speaking and not speaking.task.done()):
            return
        if speaking and speaking.stopped:  # it is being interrupted
            return
        await self._close(TurnFailed(turn_id=turn_id, cause="lost", failed_at=self._means.now()))

    async def _close(self, end: TurnCompleted | TurnFailed) -> None:
        def decide(_: State, turns: Transcript) -> list[Event]:
            turn = turns.get(end.turn_id)
            return [end] if turn is not None and turn.status == "begun" else []

        version = self._writer.state.version
        await self._writer.write(f"{end.turn_id}/end/{version}", decide)

    async def _stop(self, turn_id: str) -> "_Speaking | None":
        speaking = self._speaking.get(turn_id)
        if speaking is None:
            return None
        speaking.stopped = True
        speaking.task.cancel()
        await asyncio.wait([speaking.task])
        speaking.utterance.finish()
        return speaking

    def _dismiss(self, turn_id: str, speaking: "_Speaking | None") -> None:
        if speaking is not None and self._speaking.get(turn_id) is speaking:
            del self._speaking[turn_id]

    def _abandon(self, attempt: "_Attempt") -> None:
        if attempt.speaking is not None:
            attempt.speaking.task.cancel()
            for turn_id in list(self._speaking):
                self._dismiss(turn_id, attempt.speaking)

    def _ms_since(self, attempt: "_Attempt") -> float:
        return round((self._means.clock() - attempt.arrived) * 1000, 3)


@dataclass(slots=True)
class _Speaking:
    utterance: Utterance
    task: asyncio.Task[None]
    stopped: bool = False
    """By an interruption that is not durable yet."""


@dataclass(slots=True)
class _Attempt:
    """One request to speak, on its way to a durable beginning."""

    arrived: float
    durable: asyncio.Event
    begun_ms: float | None = None
    speaking: _Speaking | None = None


def _cause(failure: Exception) -> Failure:
    match failure:
        case Busy():
            return "busy"
        case SpeechFailed():
            return "engine"
        case _:
            return "lost"
