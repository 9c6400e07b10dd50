"""What commands have in common: what they may not do, and how a repetition is told."""

import hashlib
import json

from actors.refusals import ConversationEnded, TurnIdConflict, UnknownConversation, UnknownSpeaker
from events.state import State
from events.turn import Turn

_CANONICAL = json.JSONEncoder(sort_keys=True, default=str, ensure_ascii=False)


def fingerprint(*particulars: object) -> str:
    """SHA-256 of what was asked, to tell a repetition from another request of the same name."""
    return hashlib.sha256(_CANONICAL.encode(particulars).encode()).hexdigest()


def must_be_open(state: State) -> None:
    if state.status == "new":
        raise UnknownConversation(state.conversation_id)
    if state.status == "ended":
        raise ConversationEnded(state.conversation_id)


def must_be_of(state: State, owner: str | None) -> None:
    if state.status != "new" and owner not in (None, state.owner):
        raise UnknownConversation(state.conversation_id)


def must_be_present(state: State, speaker_id: str) -> None:
    here = state.participants.get(speaker_id)
    if here is None or not here.present:
        raise UnknownSpeaker(speaker_id, names_of(state))


def repeated(known: Turn | None, asked: str) -> bool:
    if known is None:
        return False
    if known.opening.fingerprint != asked:
        raise TurnIdConflict(known.turn_id)
    return True


def voices_of(state: State) -> list[str]:
    return [p.voice for p in state.participants.values() if p.voice]


def names_of(state: State) -> str:
    return ", ".join(repr(p.id) for p in state.participants.values() if p.present) or "nobody"
