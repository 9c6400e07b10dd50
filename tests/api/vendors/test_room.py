"""The conversation behind a connection whose client may know nothing of it."""

import asyncio
from time import monotonic

import pytest

from actors.commands import Newcomer
from actors.refusals import ConversationEnded, NotAVoice
from gateway.access.callers import Caller, Owners
from gateway.vendors.room import Room
from tests.api.door import Door


def room(door: Door, conversation_id: str = "c") -> Room:
    desk = door.app.state.desk
    return Room(conversation_id, desk, Caller(Owners(desk.records), monotonic))


async def present(door: Door) -> list[str]:
    state = (await door.get("/v1/conversation/c")).json()
    return [person["id"] for person in state["participants"] if person["present"]]


async def test_it_begins_with_the_first_who_enters(door: Door) -> None:
    place = room(door, "new")
    await place.enter(Newcomer("assistant"))
    await place.enter(Newcomer("user", role="human"))
    await place.enter(Newcomer("user", role="human"))
    assert door.events("new").count("participant_joined") == 2


async def test_whoever_comes_to_one_that_is_there_joins_it(door: Door) -> None:
    await room(door).enter(Newcomer("cid"))
    assert await present(door) == ["ann", "bob", "cid"]


async def test_those_who_come_at_once_are_all_there(door: Door) -> None:
    people = [Newcomer(f"p{n}") for n in range(5)]
    await asyncio.gather(*(room(door, "new").enter(person) for person in people))
    state = (await door.get("/v1/conversation/new")).json()
    assert {person["id"] for person in state["participants"]} == {p.id for p in people}


async def test_who_cannot_come_in_is_told_why(door: Door) -> None:
    place = room(door)
    with pytest.raises(NotAVoice):
        await place.enter(Newcomer("cid", voice="nobody"))
    await door.post("/v1/conversation/c/end")
    with pytest.raises(ConversationEnded):
        await place.enter(Newcomer("cid"))
