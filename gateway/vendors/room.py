"""The conversation behind a connection of another server's client, which may know nothing of it."""

from pydantic import TypeAdapter, ValidationError
from starlette.requests import HTTPConnection

from actors.commands import Join, Newcomer, Obey, Start
from actors.refusals import ConversationExists, UnknownConversation
from gateway.access.callers import Caller
from gateway.desk import Desk
from gateway.errors import Problem
from gateway.fields import Identifier

HEADER = "x-conversation-id"
QUERY = "conversation_id"

_ID: TypeAdapter[str] = TypeAdapter(Identifier)


class Room:
    """A conversation that begins with the first who enters it.

    Args:
        conversation_id: Its id.
        desk: To reach it.
        caller: Whose it will be, if it begins here.
    """

    def __init__(self, conversation_id: str, desk: Desk, caller: Caller) -> None:
        self.conversation_id = conversation_id
        self._desk = desk
        self._caller = caller
        self._present: set[str] = set()

    async def enter(self, newcomer: Newcomer) -> None:
        """Let somebody in who speaks or is heard here; nothing happens if they are there.

        Raises:
            Refused: they cannot come in; nothing was recorded.
            UnknownConversation: it is there, but not for this caller.
        """
        if newcomer.id in self._present:
            return
        owner = await self._caller.owner_to_join(self.conversation_id)
        try:
            await self._ask(Join(newcomer))
        except UnknownConversation:
            try:
                await self._ask(Start((newcomer,), owner=owner))
            except ConversationExists:  # somebody else came in first
                await self._ask(Join(newcomer))
        self._present.add(newcomer.id)

    async def _ask(self, command: Join | Start) -> None:
        asked = Obey(self._desk.new_id(), command)
        await self._desk.reception.ask(self.conversation_id, asked)


def room_of(connection: HTTPConnection, desk: Desk, caller: Caller) -> Room:
    """The one that the header or the query of a connection names, or else a new one.

    Raises:
        Problem: what they name cannot be a conversation.
    """
    named = connection.headers.get(HEADER) or connection.query_params.get(QUERY)
    if named is None:
        return Room(desk.new_id(), desk, caller)
    try:
        return Room(_ID.validate_python(named), desk, caller)
    except ValidationError:
        message = f"{QUERY}: 1 to 128 letters, digits or . _ : ~ @ + - are allowed"
        raise Problem(422, message, code="invalid_value", param=QUERY) from None
