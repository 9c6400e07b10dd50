import gc

import pytest

from actors.commands import GetState, Interrupt, Listen, Newcomer, Obey, Request, Start
from actors.host import EXPECTS_WITHIN_S, ConversationHost, NotHere
from actors.refusals import UnknownTurn
from events.log import LogUnavailable
from events.state import State
from events.turn import Turn
from tests.fakes import Take
from tests.fakes.clock import settle
from tests.unit.actors.stagecraft import LINE, TEXT, Scene

START = Obey("start", Start((Newcomer("ann"), Newcomer("bob", role="human"))))


async def hosting(scene: Scene, conversation_id: str = "c") -> ConversationHost:
    host = ConversationHost(scene.means, scene.clock)
    await host.take(conversation_id)
    await host.ask(conversation_id, [START])
    return host


async def test_a_host_answers_for_the_one_it_has_and_for_nobody_else() -> None:
    host = await hosting(Scene())
    (state,) = await host.ask("c", [GetState()])
    assert isinstance(state, State)
    with pytest.raises(NotHere):
        await host.ask("other", [GetState()])
    with pytest.raises(NotHere):
        await anext(host.speak("other", LINE, "one"))


async def test_a_refusal_stands_in_the_place_of_its_answer() -> None:
    host = await hosting(Scene())
    asked: list[Request] = [
        Interrupt("nothing", 1),
        Listen("h1", "bob", "Hi."),
        Interrupt("nothing", 1),
    ]
    first, heard, last = await host.ask("c", asked)
    assert isinstance(first, UnknownTurn)
    assert isinstance(last, UnknownTurn)
    assert isinstance(heard, tuple)


async def test_the_turn_comes_first_then_its_sound() -> None:
    host = await hosting(Scene())
    turn, *pieces = [item async for item in host.speak("c", LINE, "one")]
    assert isinstance(turn, Turn)
    assert (turn.text, turn.status) == (TEXT, "begun")
    assert all(isinstance(piece, bytes) for piece in pieces)
    (again,) = [item async for item in host.speak("c", LINE, "two")]
    assert isinstance(again, Turn)
    assert again.status == "completed"


async def test_one_conversation_after_another_in_the_same_process() -> None:
    scene = Scene()
    host = await hosting(scene, "a")
    assert await host.sleep("a")
    assert host.status().conversation_id is None
    await host.take("b")
    assert host.status().conversation_id == "b"
    with pytest.raises(NotHere):
        await host.ask("a", [GetState()])
    assert await host.sleep("a"), "it sleeps elsewhere, or nowhere"
    assert host.status().conversation_id == "b"


async def test_taking_what_it_has_wakes_nothing() -> None:
    scene = Scene()
    host = await hosting(scene)
    await host.take("c")
    assert scene.journal.opened == 1


async def test_a_waking_that_fails_while_nobody_waits_is_not_logged_with_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scene = Scene()
    scene.journal.open_failures.append(LogUnavailable("words of somebody"))
    await ConversationHost(scene.means, scene.clock).take("c")
    await settle(5)
    gc.collect()
    assert not caplog.records


async def test_what_cannot_be_woken_is_not_here() -> None:
    scene = Scene()
    scene.journal.open_failures.append(LogUnavailable("closed"))
    host = ConversationHost(scene.means, scene.clock)
    await host.take("c")
    assert host.status().busy
    with pytest.raises(LogUnavailable):
        await host.ask("c", [GetState()])
    assert host.status().conversation_id is None
    assert not host.status().busy


async def test_who_asks_while_it_wakes_waits_and_it_does_not_sleep_meanwhile() -> None:
    scene = Scene()
    host = ConversationHost(scene.means, scene.clock)
    await host.take("c")
    assert not await host.sleep("c")
    (obeyed,) = await host.ask("c", [START])
    assert not isinstance(obeyed, BaseException)
    assert await host.sleep("c")


async def test_it_stays_a_moment_for_the_one_for_whom_it_was_taken() -> None:
    scene = Scene()
    host = ConversationHost(scene.means, scene.clock)
    await host.take("c")
    await settle()
    assert not host.status().busy
    assert not await host.sleep("c")
    scene.clock.advance(EXPECTS_WITHIN_S)
    assert await host.sleep("c")


async def test_the_busy_do_not_sleep() -> None:
    scene = Scene(Take(waits_after=1))
    host = await hosting(scene)
    items = host.speak("c", LINE, "one")
    await anext(items)
    assert host.status().busy
    assert not await host.sleep("c")
    assert host.status().conversation_id == "c"


async def test_who_was_taken_over_has_it_no_more() -> None:
    scene = Scene()
    old = await hosting(scene)
    new = ConversationHost(scene.means, scene.clock)
    await new.take("c")
    with pytest.raises(NotHere):
        await old.ask("c", [Listen("h1", "bob", "Hi.")])
    assert old.status().conversation_id is None
    assert await new.ask("c", [Listen("h1", "bob", "Hi.")])


async def test_who_was_taken_over_does_not_speak() -> None:
    scene = Scene()
    old = await hosting(scene)
    await ConversationHost(scene.means, scene.clock).take("c")
    with pytest.raises(NotHere):
        await anext(old.speak("c", LINE, "one"))
    assert old.status().conversation_id is None


async def test_it_counts_the_seconds_since_anybody_asked() -> None:
    scene = Scene()
    host = await hosting(scene)
    scene.clock.advance(7)
    assert host.status().idle_s == 7
    await host.ask("c", [GetState()])
    assert host.status().idle_s == 0
