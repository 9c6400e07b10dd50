"""A client of OpenAI's realtime protocol, whose every event is read by the types of their SDK."""

from base64 import b64decode
from itertools import groupby
from typing import Any, get_args

from openai.types.realtime import RealtimeServerEvent

from tests.api.door import Door
from tests.fakes import LocalStage, Take
from tests.fakes.socket import LiveCall

PATH = "/v1/realtime?model=gpt-realtime&conversation_id=r"
TEXT = "Well, this is the first sentence of some. Here is another one, longer than the first."
KNOWN = {
    get_args(event.model_fields["type"].annotation)[0]: event
    for event in get_args(get_args(RealtimeServerEvent)[0])
}
"""The types of events that a server sends, by their names."""

SPOKEN = {"type": "response.create", "response": {}}


class Caller(LiveCall):
    def create(self, text: str, role: str = "assistant", **more: object) -> None:
        kind = "output_text" if role == "assistant" else "input_text"
        message = {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}
        self.say("conversation.item.create", item={**message, **more})

    def speak(self, text: str = TEXT, **more: object) -> None:
        self.say("response.create", response={"instructions": text, **more})

    async def response(self, count: int = 1) -> dict[str, Any]:
        """The last of so many responses, when it is over."""
        await self.until(lambda: len(self.all("response.done")) == count)
        response: dict[str, Any] = self.all("response.done")[-1]["response"]
        return response

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.told if event["type"] == kind]

    def kinds(self) -> list[str]:
        """The names of the events so far; each run of the same once."""
        return [name for name, _ in groupby(event["type"] for event in self.told)]

    def sound(self, item_id: str) -> bytes:
        deltas = self.all("response.output_audio.delta")
        return b"".join(b64decode(d["delta"]) for d in deltas if d["item_id"] == item_id)

    async def retrieved(self, item_id: str) -> dict[str, Any]:
        count = len(self.all("conversation.item.retrieved"))
        self.say("conversation.item.retrieve", item_id=item_id)
        await self.until(lambda: len(self.all("conversation.item.retrieved")) > count)
        item: dict[str, Any] = self.all("conversation.item.retrieved")[-1]["item"]
        return item

    async def refused(self) -> dict[str, Any]:
        error: dict[str, Any] = (await self.hear("error"))["error"]
        return error

    async def hang_up(self) -> None:
        await super().hang_up()
        for event in self.told:
            KNOWN[event["type"]].model_validate(event)


async def connect(door: Door, path: str = PATH, **headers: str) -> Caller:
    call = Caller(door.app, path, headers=headers)
    await call.hear("session.created")
    return call


async def opened(*takes: Take) -> tuple[Door, Caller]:
    door = Door(LocalStage(*takes))
    return door, await connect(door)


def first_item(call: Caller) -> str:
    added = call.all("response.output_item.added")
    return str(added[0]["item"]["id"])


async def recorded(door: Door, item_id: str) -> dict[str, Any]:
    turn: dict[str, Any] = (await door.get(f"/v1/conversation/r/turns/{item_id}")).json()
    return turn


def words_until(turn: dict[str, Any], end_s: float) -> str:
    """Those that had ended by then."""
    return " ".join(w["word"] for w in turn["words"] if w["end_s"] <= end_s + 0.001)


def message(role: str | None, *content: dict[str, object]) -> dict[str, object]:
    item = {"type": "message", "role": role, "content": content}
    return {"type": "conversation.item.create", "item": item}
