"""Items of a conversation as OpenAI's clients tell them, and as they are told them."""

from typing import Any, Literal

from pydantic import Field

from actors.phrases import speakable
from events.turn import Turn, TurnStatus
from gateway.bodies import Body
from gateway.errors import Problem
from gateway.fields import Identifier, Words
from gateway.vendors.openai_realtime.sound import decoded

ItemStatus = Literal["in_progress", "completed", "incomplete"]

STATUS: dict[TurnStatus, ItemStatus] = {
    "begun": "in_progress",
    "completed": "completed",
    "interrupted": "incomplete",
    "failed": "incomplete",
}

NO_TRANSCRIPT = (
    "there is no speech recognition here: send the words as `transcript` with the sound; "
    "nothing was recorded"
)


class PartIn(Body):
    type: Literal["input_text", "input_audio", "output_text", "text"]
    text: Words | None = None
    audio: str | None = None
    """Base64 of samples, s16le mono at 24 kHz."""
    transcript: Words | None = None


class ItemIn(Body):
    type: Literal["message", "item_reference"] = "message"
    id: Identifier | None = None
    role: Literal["user", "assistant"] | None = None
    content: list[PartIn] = Field(default_factory=list, max_length=64)

    def line(self, param: str) -> str:
        """What an assistant's message has to be spoken.

        Raises:
            Problem: there is nothing, with `param` as the place of the item.
        """
        text = " ".join(part.text for part in self.content if part.text)
        if not speakable(text):
            message = f"{param}.content: no text with a letter or digit in it; nothing was done"
            raise Problem(422, message, code="unspeakable_text", param=f"{param}.content")
        return text

    def heard(self) -> tuple[str, bytes | None]:
        """What a user said, and its sound, if it is there.

        Raises:
            Problem: there are no words, or sound that cannot be read.
        """
        said, sound = [], None
        for place, part in enumerate(self.content):
            where = f"item.content.{place}"
            if part.type == "input_audio":
                sound = (sound or b"") + decoded(part.audio or "", f"{where}.audio")
                if not part.transcript:
                    raise without_transcript(f"{where}.transcript")
            said += [words for words in (part.text, part.transcript) if words]
        if not said:
            message = "item.content: a user's message needs text; nothing was recorded"
            raise Problem(422, message, code="invalid_value", param="item.content")
        return " ".join(said), sound


def without_transcript(param: str) -> Problem:
    return Problem(422, f"{param}: {NO_TRANSCRIPT}", code="transcript_missing", param=param)


def user_item(item_id: str, words: str, *, with_sound: bool) -> dict[str, Any]:
    part = (
        {"type": "input_audio", "transcript": words}
        if with_sound
        else {"type": "input_text", "text": words}
    )
    return _item(item_id, "user", "completed", part)


def waiting_item(item_id: str, text: str) -> dict[str, Any]:
    """An assistant's message that is still to be spoken."""
    return _item(item_id, "assistant", "completed", {"type": "output_text", "text": text})


def spoken_item(item_id: str, status: ItemStatus, transcript: str | None) -> dict[str, Any]:
    """An assistant's message; without content as long as the transcript is None."""
    if transcript is None:
        return _item(item_id, "assistant", status)
    return _item(item_id, "assistant", status, {"type": "output_audio", "transcript": transcript})


def item_of(turn: Turn) -> dict[str, Any]:
    """A turn as it is in the record: of what was spoken, the words that were heard."""
    if turn.kind == "heard":
        return user_item(turn.turn_id, turn.text, with_sound=turn.audio is not None)
    return spoken_item(turn.turn_id, STATUS[turn.status], turn.heard_text)


def _item(item_id: str, role: str, status: ItemStatus, *content: dict[str, str]) -> dict[str, Any]:
    known = {"id": item_id, "object": "realtime.item", "type": "message"}
    return {**known, "status": status, "role": role, "content": list(content)}
