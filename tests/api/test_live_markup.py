"""Markup on the live connection: tags as they come, documents when they are whole."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.api.door import Door
from tests.fakes.socket import LiveCall

PATH = "/v1/conversation/c/stream"
TEXT = "Wait, [pause:0.5s] here. [voice:am_adam]I am [Nguyen](/nwˈɪn/), and [rate:1.5] I run."
WORDS = "Wait, here. I am Nguyen, and I run."


@pytest.fixture
async def call(door: Door) -> AsyncIterator[LiveCall]:
    connected = LiveCall(door.app, PATH)
    await connected.hear("ready", conversation_id="c")
    yield connected
    if not connected.done.done():
        await connected.hang_up()


def begin(call: LiveCall, markup: str = "tags", **more: object) -> None:
    call.say("turn.begin", turn_id="t1", speaker_id="ann", markup=markup, **more)


def dictate(call: LiveCall, *deltas: str) -> None:
    for delta in deltas:
        call.say("turn.text", turn_id="t1", text=delta)


def end(call: LiveCall) -> None:
    call.say("turn.end", turn_id="t1")


async def phrases(door: Door) -> list[dict[str, Any]]:
    turn = (await door.get("/v1/conversation/c/turns/t1")).json()
    assert turn["text"].split() == WORDS.split()
    found: list[dict[str, Any]] = turn["direction"]["phrases"]
    return found


async def test_tags_may_come_letter_by_letter(door: Door, call: LiveCall) -> None:
    begin(call)
    dictate(call, *TEXT)
    end(call)
    completed = await call.hear("turn.completed", turn_id="t1")
    assert completed["text"].split() == call.words("t1") == WORDS.split()
    spoken = await phrases(door)
    said = [each["said"] for phrase in spoken for each in phrase["sayings"]]
    assert said == ["[Nguyen](/nwˈɪn/),"]
    voices = {phrase["voice"] for phrase in spoken if "I" in phrase["text"].split()}
    assert voices == {"am_adam"}
    silences = [phrase["pause_before_s"] for phrase in spoken]
    silences += [word["pause_after_s"] for phrase in spoken for word in phrase["words"]]
    silences += [phrase["pause_after_s"] for phrase in spoken]
    assert 0.5 in silences


async def test_a_tag_that_is_not_closed_waits(door: Door, call: LiveCall) -> None:
    begin(call)
    dictate(call, "Well, this is [pau")
    await call.until(lambda: bool(call.frames))
    dictate(call, "se:1s] it.")
    end(call)
    completed = await call.hear("turn.completed", turn_id="t1")
    assert completed["text"] == "Well, this is it."


async def test_wrong_markup_is_refused_by_its_place_and_the_turn_lives_on(call: LiveCall) -> None:
    begin(call)
    dictate(call, "Well, this ", "is [paws:1s] it.")
    error = (await call.hear("error", turn_id="t1"))["error"]
    assert (error["code"], error["param"]) == ("invalid_markup", "text")
    assert error["message"].startswith("text, character 15:")
    dictate(call, "is it.")
    end(call)
    assert (await call.hear("turn.completed", turn_id="t1"))["text"] == "Well, this is it."


async def test_a_tag_is_to_be_closed_before_the_end(call: LiveCall) -> None:
    begin(call)
    dictate(call, "This is [pause:1s")
    end(call)
    assert (await call.hear("error", turn_id="t1"))["error"]["code"] == "invalid_markup"
    dictate(call, "] it.")
    end(call)
    assert (await call.hear("turn.completed", turn_id="t1"))["text"] == "This is it."


async def test_a_document_is_read_when_it_is_whole(door: Door, call: LiveCall) -> None:
    begin(call, "ssml")
    dictate(call, "<speak>Wait, <break/> here. I a", "m Nguyen, and", " I run.</spe", "ak>")
    end(call)
    completed = await call.hear("turn.completed", turn_id="t1")
    assert completed["text"] == WORDS
    assert await phrases(door)


async def test_a_wrong_document_fails_its_turn_and_the_next_is_spoken(
    door: Door, call: LiveCall
) -> None:
    begin(call, "ssml", text="<speak>Wait")
    end(call)
    failed = await call.hear("turn.failed", turn_id="t1")
    assert failed["error"]["code"] == "invalid_markup"
    assert "turn_begun" not in door.events()
    call.say("turn.begin", turn_id="t2", speaker_id="ann", text="Hello.")
    call.say("turn.end", turn_id="t2")
    assert (await call.hear("turn.completed", turn_id="t2"))["text"] == "Hello."


async def test_a_turn_goes_on_after_a_lost_connection(door: Door, call: LiveCall) -> None:
    begin(call)
    dictate(call, TEXT[:30])
    await call.until(lambda: bool(call.frames))
    await call.hang_up()
    again = LiveCall(door.app, PATH)
    begin(again, text=TEXT)
    end(again)
    completed = await again.hear("turn.completed", turn_id="t1")
    assert completed["text"].split() == WORDS.split()
    await again.hang_up()


async def test_without_markup_brackets_are_text(call: LiveCall) -> None:
    begin(call, "none")
    dictate(call, "This is [pause:1s] it.")
    end(call)
    assert (await call.hear("turn.completed", turn_id="t1"))["text"] == "This is [pause:1s] it."
