"""One realtime connection, from its greeting to its end."""

from typing import assert_never

from actors.commands import GetTurn
from actors.refusals import UnknownConversation, UnknownTurn
from gateway.errors import Problem
from gateway.live.messages import json_object
from gateway.live.peer import PeerGone
from gateway.vendors.openai_realtime import messages
from gateway.vendors.openai_realtime.call import Call
from gateway.vendors.openai_realtime.configuration import Configuration
from gateway.vendors.openai_realtime.hearing import Hearing
from gateway.vendors.openai_realtime.items import ItemIn, item_of, waiting_item
from gateway.vendors.openai_realtime.lines import Lines
from gateway.vendors.openai_realtime.messages import (
    AudioAppend,
    AudioClear,
    AudioCommit,
    ItemCreate,
    ItemDelete,
    ItemRetrieve,
    ItemTruncate,
    Message,
    OutputClear,
    ResponseCancel,
    ResponseCreate,
    ResponseIn,
    SessionUpdate,
)
from gateway.vendors.openai_realtime.responses import Responses

NOT_TEXT = "events are JSON in text frames; sound goes into `input_audio_buffer.append`, in base64"
ON_RECORD = (
    "what was said stays on record; `DELETE /v1/conversation/{id}` erases a conversation as a "
    "whole; nothing was done"
)


class Talk:
    """Does what the events of a client ask for; what is wrong with them is answered."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._session_id = f"sess_{call.desk.new_id()}"
        self._configuration = Configuration()
        self._lines = Lines(call.desk.new_id)
        self._responses = Responses(call, self._lines)
        self._hearing = Hearing(call)

    async def greet(self) -> None:
        """Raises `PeerGone`, as all that follows."""
        await self._tell_session("session.created")
        conversation = {"object": "realtime.conversation", "id": self._call.room.conversation_id}
        await self._call.outbox.say("conversation.created", conversation=conversation)

    async def take(self, said: str | bytes) -> None:
        """Take an event as it was sent."""
        self._call.peer.asked_by = None
        try:
            if isinstance(said, bytes):
                raise Problem(400, NOT_TEXT, code="not_text")  # noqa: TRY301
            event = json_object(said)
            event_id = event.get("event_id")
            self._call.peer.asked_by = event_id if isinstance(event_id, str) else None
            await self._obey(messages.read(event))
        except PeerGone:
            raise
        except Exception as wrong:  # noqa: BLE001  (the connection lives on)
            await self._call.session.refuse(wrong)

    async def leave(self) -> None:
        """The connection is gone."""
        self._hearing.buffer.close()
        await self._responses.settle()

    async def _obey(self, asked: Message) -> None:
        match asked:
            case SessionUpdate():
                await self._update(asked)
            case ItemCreate():
                await self._create(asked)
            case ItemRetrieve():
                await self._retrieve(asked.item_id)
            case ItemDelete():
                await self._delete(asked.item_id)
            case ItemTruncate():
                await self._responses.truncate(asked)
            case ResponseCreate():
                response = asked.response or ResponseIn()
                await self._responses.respond(response, self._configuration.changed(response))
            case ResponseCancel():
                await self._responses.cancel(asked.response_id)
            case AudioAppend():
                self._hearing.buffer.append(asked.audio)
            case AudioCommit():
                await self._hearing.commit(self._lines.new_item_id(), asked)
            case AudioClear():
                self._hearing.buffer.clear()
                await self._call.outbox.say("input_audio_buffer.cleared")
            case OutputClear():
                response_id = await self._responses.cancel(None)
                await self._call.outbox.say("output_audio_buffer.cleared", response_id=response_id)
            case _:
                assert_never(asked)

    async def _update(self, asked: SessionUpdate) -> None:
        wanted = self._configuration.changed(asked.session)
        if wanted.voice is not None:
            self._call.desk.system.voices.resolve(wanted.voice)
        self._configuration = wanted
        await self._tell_session("session.updated")

    async def _tell_session(self, kind: str) -> None:
        shown = self._configuration.shown(self._session_id, self._call.model)
        await self._call.outbox.say(kind, session=shown)

    async def _create(self, asked: ItemCreate) -> None:
        before, last = asked.previous_item_id, self._call.outbox.last_item_id
        if before is not None and before != (last or "root"):
            message = "previous_item_id: an item can only follow the last; nothing was done"
            raise Problem(400, message, code="invalid_value", param="previous_item_id")
        item, item_id = asked.item, asked.item.id or self._lines.new_item_id()
        if item.role == "user":
            await self._hearing.take(item_id, item)
        elif item.role == "assistant":
            await self._have_wait(item_id, item)
        else:
            message = "item.role: a message is a user's or the assistant's; nothing was done"
            raise Problem(422, message, code="invalid_value", param="item.role")

    async def _have_wait(self, item_id: str, item: ItemIn) -> None:
        if item_id in self._lines or item_id in self._call.peer.lines:
            message = f"item.id: {item_id!r} is the name of another item; nothing was done"
            raise Problem(409, message, code="item_id_in_use", param="item.id")
        text = self._call.desk.bounded(item.line("item"), "item")
        self._lines.add(item_id, text)
        shown = waiting_item(item_id, text)
        await self._call.outbox.add(shown)
        await self._call.outbox.finish(shown)

    async def _retrieve(self, item_id: str) -> None:
        if item_id in self._lines:
            item = waiting_item(item_id, self._lines.text(item_id))
        else:
            await self._responses.settle()
            await self._call.session.settled()
            item = await self._recorded(item_id)
        await self._call.outbox.say("conversation.item.retrieved", item=item)

    async def _recorded(self, item_id: str) -> dict[str, object]:
        caller, conversation_id = self._call.caller, self._call.room.conversation_id
        caller.must_have("read")
        try:
            await caller.must_see(conversation_id)
            turn = await self._call.desk.reception.ask(conversation_id, GetTurn(item_id))
        except (UnknownConversation, UnknownTurn):
            message = f"there is no item {item_id!r} in this conversation"
            code = "item_retrieve_invalid_item_id"
            raise Problem(404, message, code=code, param="item_id") from None
        return item_of(turn)

    async def _delete(self, item_id: str) -> None:
        if item_id in self._lines:
            self._lines.remove(item_id)
            await self._call.outbox.say("conversation.item.deleted", item_id=item_id)
            return
        await self._recorded(item_id)
        raise Problem(409, ON_RECORD, code="item_on_record", param="item_id")
