"""`colloquy replay`: a conversation again, from its events alone."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from time import perf_counter

from events.replay import Replayed, replay, until
from gateway.answers import state_out
from gateway.commands.records import Records
from gateway.commands.refusals import Refused
from gateway.commands.views import aside, console, counted, shown


@dataclass(frozen=True, slots=True)
class Retold:
    """A replayed conversation, and what it took."""

    replayed: Replayed
    took_ms: float

    @property
    def sentence(self) -> str:
        events = counted(self.replayed.state.version, "event")
        return f"Replayed from {events} in {self.took_ms:.1f} ms; nothing was synthesised."


def retell(
    records: Records,
    conversation_id: str,
    *,
    version: int | None = None,
    at: datetime | None = None,
) -> Retold:
    """Fold a conversation's events up to a version and a moment.

    Raises:
        Refused: there is no such conversation, or it was not that far.
        UnknownEvent: a newer release wrote one of its events.
    """
    recorded = records.conversation(conversation_id)
    first = next(recorded, None)
    if first is None:
        raise Refused(f"There is no conversation {conversation_id!r} in {records.where}.")
    began = perf_counter()
    replayed = replay(conversation_id, until(chain([first], recorded), version=version, at=at))
    took_ms = (perf_counter() - began) * 1000
    if replayed.state.version == 0:
        raise Refused(f"Conversation {conversation_id!r} began later, at {first.recorded_at}.")
    if version is not None and at is None and replayed.state.version < version:
        latest = replayed.state.version
        raise Refused(f"Conversation {conversation_id!r} has no version {version}, only {latest}.")
    return Retold(replayed, took_ms)


def show(told: Retold, *, as_json: bool) -> None:
    if as_json:
        console().out(state_out(told.replayed.state).model_dump_json(indent=2), highlight=False)
    else:
        console().print(shown(told.replayed))
    aside().print(told.sentence, style="dim")


def moment(text: str) -> datetime:
    """A moment from RFC 3339; without an offset it is in UTC.

    Raises:
        Refused: it is none.
    """
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text!r} is no moment; write it as 2026-03-01T12:00:00Z or so.") from None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value
