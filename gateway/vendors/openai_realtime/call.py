"""What one realtime connection is made of."""

from dataclasses import dataclass

from gateway.access.callers import Caller
from gateway.desk import Desk
from gateway.live.session import Session
from gateway.vendors.openai_realtime.outbox import Outbox
from gateway.vendors.openai_realtime.peer import RealtimePeer
from gateway.vendors.room import Room


@dataclass(frozen=True, slots=True)
class Call:
    room: Room
    session: Session
    peer: RealtimePeer
    outbox: Outbox
    desk: Desk
    caller: Caller
    speaker_id: str
    """Who speaks to the client."""
    model: str
