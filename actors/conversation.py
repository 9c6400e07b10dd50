"""A conversation awake: its state, its one writer, and the turns it is speaking."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import assert_never

from actors import decisions, tracing
from actors.batch import Batches
from actors.commands import (
    Command,
    Consider,
    Dictate,
    Dictated,
    End,
    Fork,
    GetState,
    GetTurn,
    GetTurns,
    Hear,
    Interrupt,
    Join,
    Leave,
    Listen,
    ListenToMany,
    Obey,
    Obeyed,
    Part,
    Pronounce,
    Request,
    Speak,
    Start,
)
from actors.hearing.ear import NOTHING_MEASURED
from actors.live.turns import LiveTurns
from actors.refusals import (
    Busy,
    NotYetStarted,
    TurnNotSpoken,
    UnknownConversation,
    UnknownTurn,
    UnknownVersion,
)
from actors.synthesis.admission import FIRST_SOUND_WITHIN_S
from actors.synthesis.claims import EVERYBODY, Claim
from actors.synthesis.stage import OwnStage, WorkerDied
from actors.take import LineTake, Means, Take, kept_and_measured
from actors.utterance import Portion
from actors.writing import Decide, Writer
from events.replay import before_turn, replay, until
from events.state import State
from events.transcript import Transcript
from events.turn import Turn
from events.turns import Event, TurnBegun, TurnCompleted, TurnFailed


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
        means = replace(means, stage=OwnStage(means.stage, conversation_id))
        self._means = means
        self._writer = Writer(conversation_id, means.journal)
        self._takes: dict[str, Take] = {}
        self._batches = Batches(self._writer, means.reader, means.now)
        self._live = LiveTurns(self._writer, means, self._takes, self._close)

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
        self._takes.clear()
        await self._writer.release()
        return True

    @property
    def busy(self) -> bool:
        return self._writer.busy or any(take.attended for take in self._takes.values())

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
            case ListenToMany():
                return await self._batches.hear(request)
            case Consider():
                return await self._considered(request.turn)
            case Obey():
                decide = self._decider(request.command)
                new = await self._writer.write(request.command_id, decide)
                return Obeyed(self._writer.state, new)
            case Dictate():
                return await self._dictate(request)
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

    async def _considered(self, turn: Listen) -> tuple[Turn, int] | None:
        await self._settled()
        state, turns = self._writer.state, self._writer.transcript
        if self._decider(turn)(state, turns):
            return None
        return self._known(turn.turn_id), state.version

    async def speak(self, command: Speak, listener_id: str) -> Spoken:
        """Speak a line, join it while it is being spoken, or find it in the record.

        The sound starts once the turn's beginning is durable.

        Raises: as `answer`.
        """
        arrived, place = self._means.clock(), tracing.here()
        begun: list[Take] = []
        await self._give_up_if_silent(command.turn_id)
        await self._admit(command)

        def decide(state: State, turns: Transcript) -> list[Event]:
            events = decisions.speak(
                state,
                turns.get(command.turn_id),
                command,
                now=self._means.now(),
                engine=self._means.engine,
                voices=self._means.voices,
                reader=self._means.reader,
                limits=self._means.limits,
            )
            if events and isinstance(events[-1], TurnBegun):
                self._abandon(begun)
                with tracing.within(place):  # whose ever this writing is
                    begun.append(self._begin(events[-1], arrived, _claim(command)))
            return events

        command_id = f"{command.turn_id}/begin/{self._writer.state.version}"
        try:
            await self._writer.write(command_id, decide)
        except BaseException:
            self._abandon(begun)
            self._means.stage.leave(_claim(command))
            raise
        for take in begun:
            take.durable()
        turn = self._known(command.turn_id)
        if turn.speakable_again and not begun:  # it ended badly as we came to join it
            return await self.speak(command, listener_id)
        return Spoken(turn, self._sound_of(turn, listener_id))

    def hear(self, asked: Hear) -> AsyncIterator[Turn | Portion]:
        """A dictated turn once it is begun, then its sound; only the turn if the record has it all.

        Raises:
            UnknownTurn: nobody dictates such a turn.
            Exception: whatever ended it early.
        """
        return self._live.hear(asked)

    async def _dictate(self, request: Dictate) -> Dictated:
        await self._give_up_if_silent(request.line.turn_id)
        return self._live.dictate(request)

    async def _admit(self, command: Speak) -> None:
        """Be let in to speak a turn that nobody speaks yet; nothing is recorded of who is not."""
        turn = self._writer.transcript.get(command.turn_id)
        if turn is None or turn.speakable_again:
            with suppress(WorkerDied):  # its first phrase will ask again
                await self._means.stage.admit(
                    _claim(command), FIRST_SOUND_WITHIN_S, len(command.text)
                )

    async def part(self, gone: Part) -> None:
        """A listener of a turn is gone; the last to go before its end interrupts it there.

        Without the take, because its process died say, nobody knows what the others heard, who may
        have heard it all: the record stays as it is.
        """
        take = self._takes.get(gone.turn_id)
        if take is None:
            return
        most_ms = take.utterance.part(gone.listener_id, gone.delivered_ms, whole=gone.whole)
        if most_ms is not None:
            with suppress(UnknownTurn, TurnNotSpoken):
                await self.interrupt(Interrupt(gone.turn_id, most_ms, cause="listener_left"))
        if take.done and not take.utterance.listeners:
            self._dismiss(take)

    async def interrupt(self, command: Interrupt) -> Turn:
        """Stop a turn and record what was heard of it; repeated, the first answer stands."""
        take = self._takes.get(command.turn_id)
        if take is not None:
            await take.stop()
        try:
            await self._cut(command, take)
        except UnknownTurn:
            if take is not None:  # none of its words could be spoken yet
                self._dismiss(take)
            raise
        except BaseException:
            if take is not None:
                take.stopped = False
            raise
        if take is not None:
            self._dismiss(take)
        return self._known(command.turn_id)

    async def _cut(self, command: Interrupt, take: Take | None) -> None:
        await self._settled()
        known = self._known(command.turn_id)
        partial = take.utterance if take else None
        unspoken = take.dictated[len(known.text) :] if take else ""
        if known.completion is not None or known.interruption is not None:
            partial = None
        audio, heard = None, NOTHING_MEASURED
        if partial:
            audio, heard = await kept_and_measured(self._means, partial, known.text, cut=True)

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
                measured=heard if unfinished else NOTHING_MEASURED,
                unspoken=unspoken,
            )

        command_id = f"{command.turn_id}/interrupt/{self._writer.state.version}"
        await self._writer.write(command_id, decide)

    async def _settled(self) -> None:
        await self._writer.settled()
        if self._writer.state.status == "new":
            raise UnknownConversation(self._id)

    async def _state(self, asked: GetState) -> State:
        if asked.before_turn is not None:
            return await self._before_turn(asked.before_turn)
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

    async def _before_turn(self, turn_id: str) -> State:
        recorded = await self._means.journal.read(self._id)
        then = await asyncio.to_thread(before_turn, self._id, recorded, turn_id)
        if then is None:
            raise UnknownTurn(turn_id)
        return then

    def _known(self, turn_id: str) -> Turn:
        turn = self._writer.transcript.get(turn_id)
        if turn is None:
            raise UnknownTurn(turn_id)
        return turn

    def _decider(self, command: Command) -> Decide:
        voices, reader = self._means.voices, self._means.reader
        match command:
            case Start():
                return lambda state, _: decisions.start(state, command, voices)
            case Join():
                return lambda state, _: decisions.join(state, command, voices)
            case Leave():
                return lambda state, _: decisions.leave(state, command)
            case Listen():
                return lambda state, turns: decisions.listen(
                    state, turns.get(command.turn_id), command, self._means.now(), reader=reader
                )
            case Pronounce():
                return lambda state, _: decisions.pronounce(state, command)
            case Fork():
                return lambda state, _: decisions.fork(state, command, self._means.now())
            case End():
                return lambda state, _: decisions.end(state, command)
            case _:
                assert_never(command)

    def _begin(self, begun: TurnBegun, arrived: float, claim: Claim) -> Take:
        take = LineTake(begun, self._means, self._close, arrived, claim)
        self._takes[begun.turn_id] = take
        return take

    def _sound_of(self, turn: Turn, listener_id: str) -> AsyncIterator[bytes] | None:
        if turn.status != "begun":
            return None
        take = self._takes.get(turn.turn_id)
        if take is None or take.stopped:  # it is being interrupted at this moment
            raise Busy(1)
        return take.utterance.join(listener_id)

    async def _give_up_if_silent(self, turn_id: str) -> None:
        """Close a turn that is open in the record while nobody speaks it any more."""
        turn, take = self._writer.transcript.get(turn_id), self._takes.get(turn_id)
        if turn is None or turn.status != "begun":
            return
        if take is None or (take.done and not take.stopped):
            failed = TurnFailed(turn_id=turn_id, cause="lost", failed_at=self._means.now())
            await self._close(failed)

    async def _close(self, end: TurnCompleted | TurnFailed) -> None:
        def decide(_: State, turns: Transcript) -> list[Event]:
            turn = turns.get(end.turn_id)
            return [end] if turn is not None and turn.status == "begun" else []

        version = self._writer.state.version
        await self._writer.write(f"{end.turn_id}/end/{version}", decide)

    def _abandon(self, begun: list[Take]) -> None:
        while begun:
            take = begun.pop()
            take.abandon()
            self._dismiss(take)

    def _dismiss(self, take: Take) -> None:
        for turn_id in [name for name, other in self._takes.items() if other is take]:
            del self._takes[turn_id]


def _claim(command: Speak) -> Claim:
    return Claim(command.turn_id, key_id=command.key_id or EVERYBODY)
