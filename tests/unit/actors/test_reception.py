import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from actors.commands import GetTurn, Listen, Request, Speak
from actors.directory import ProcessDied
from actors.host import NotHere
from actors.journal import JournalUnreachable
from actors.reception import TRIES, Reception
from actors.refusals import Busy, UnknownTurn
from events.turn import Turn
from tests.fakes import ids
from tests.fakes.clock import settle
from tests.unit.actors.stagecraft import LINE
from tests.unit.actors.test_decisions import spoken

TURN = spoken().turn()


class Host:
    """Answers with what it was asked, or with the failure that is next."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self.asked: list[Sequence[Request]] = []
        self.spoken: list[tuple[Speak, str]] = []
        self.free = asyncio.Event()
        self.free.set()
        self.closed = 0

    async def ask(self, conversation_id: str, requests: Sequence[Request]) -> list[object]:
        self.asked.append(list(requests))
        await self.free.wait()
        if self.failures:
            raise self.failures.pop(0)
        return [
            UnknownTurn(r.turn_id) if isinstance(r, GetTurn) else (r, conversation_id)
            for r in requests
        ]

    async def speak(
        self, conversation_id: str, command: Speak, listener_id: str
    ) -> AsyncIterator[Turn | bytes]:
        self.spoken.append((command, listener_id))
        if self.failures:
            raise self.failures.pop(0)
        try:
            yield TURN
            yield b"one"
            yield b"two"
        finally:
            self.closed += 1


class Register:
    def __init__(self, host: Host) -> None:
        self.host = host
        self.located: list[str] = []
        self.missed: list[str] = []

    async def locate(self, conversation_id: str) -> Host:
        self.located.append(conversation_id)
        return self.host

    async def lost(self, conversation_id: str) -> None:
        self.missed.append(conversation_id)


class Lobby:
    def __init__(self) -> None:
        self.host = Host()
        self.register = Register(self.host)
        self.reception = Reception(self.register, ids("listener"))

    async def hears(self, turn_id: str, conversation_id: str = "c") -> str:
        """The turn that the answer is about, according to the host."""
        command = Listen(turn_id, "bob", "Hi.")
        echo: Any = await self.reception.ask(conversation_id, command)
        assert echo == (command, conversation_id)
        return turn_id


async def test_where_a_conversation_is_is_asked_once() -> None:
    lobby = Lobby()
    for number in range(3):
        await lobby.hears(f"{number}")
    assert lobby.register.located == ["c"]


async def test_requests_that_come_meanwhile_travel_together() -> None:
    lobby = Lobby()
    lobby.host.free.clear()
    asking = [asyncio.create_task(lobby.hears(f"{number}")) for number in range(5)]
    await settle()
    later = [asyncio.create_task(lobby.hears(f"{number}")) for number in range(5, 9)]
    await settle()
    lobby.host.free.set()
    answers = await asyncio.gather(*asking, *later)
    assert [len(batch) for batch in lobby.host.asked] == [5, 4]
    assert answers == [f"{n}" for n in range(9)]


async def test_conversations_do_not_wait_for_each_other() -> None:
    lobby = Lobby()
    lobby.host.free.clear()
    both = [asyncio.create_task(lobby.hears("1", name)) for name in ("a", "b")]
    await settle()
    assert len(lobby.host.asked) == 2
    lobby.host.free.set()
    await asyncio.gather(*both)


async def test_a_refusal_goes_to_whom_it_concerns() -> None:
    lobby = Lobby()
    heard, refused = await asyncio.gather(
        lobby.hears("1"), lobby.reception.ask("c", GetTurn("nothing")), return_exceptions=True
    )
    assert isinstance(refused, UnknownTurn)
    assert not isinstance(heard, BaseException)


@pytest.mark.parametrize("missed", [NotHere("c"), ProcessDied("killed")])
async def test_what_may_not_have_arrived_is_asked_again_in_the_same_words(
    missed: Exception,
) -> None:
    lobby = Lobby()
    lobby.host.failures = [missed] * (TRIES - 1)
    await lobby.hears("1")
    assert lobby.host.asked == [lobby.host.asked[0]] * TRIES
    assert lobby.register.missed == ["c"] * (TRIES - 1)
    assert lobby.register.located == ["c"] * TRIES


async def test_after_some_tries_all_who_asked_are_told() -> None:
    lobby = Lobby()
    lobby.host.failures = [NotHere("c")] * TRIES
    outcomes = await asyncio.gather(lobby.hears("1"), lobby.hears("2"), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ProcessDied] * 2
    assert await lobby.hears("3")


async def test_who_goes_away_takes_nobody_along() -> None:
    lobby = Lobby()
    lobby.host.free.clear()
    gone, still = (asyncio.create_task(lobby.hears(name)) for name in ("gone", "still"))
    await settle()
    gone.cancel()
    lobby.host.free.set()
    assert await still


@pytest.mark.parametrize(
    "missed", [NotHere("c"), ProcessDied("killed"), JournalUnreachable("gone")]
)
async def test_a_line_is_asked_for_again_under_the_same_names(missed: Exception) -> None:
    lobby = Lobby()
    lobby.host.failures = [missed]
    listener_id, turn, sound = await lobby.reception.speak("c", LINE)
    assert lobby.host.spoken == [(LINE, listener_id)] * 2
    assert turn == TURN
    assert [piece async for piece in sound] == [b"one", b"two"]
    assert lobby.register.missed == ["c"]


async def test_a_line_that_reaches_nobody_is_given_up() -> None:
    lobby = Lobby()
    lobby.host.failures = [ProcessDied("killed")] * TRIES
    with pytest.raises(ProcessDied):
        await lobby.reception.speak("c", LINE)
    assert len(lobby.host.spoken) == TRIES


@pytest.mark.parametrize("refusal", [Busy(1), UnknownTurn("t")])
async def test_a_refusal_is_an_answer(refusal: Exception) -> None:
    lobby = Lobby()
    lobby.host.failures = [refusal]
    with pytest.raises(type(refusal)):
        await lobby.reception.speak("c", LINE)
    assert len(lobby.host.spoken) == 1


async def test_who_stops_listening_lets_the_host_know_at_once() -> None:
    lobby = Lobby()
    _, _, sound = await lobby.reception.speak("c", LINE)
    await anext(sound)
    close: Callable[[], object] = sound.aclose  # type: ignore[attr-defined]
    await close()  # type: ignore[misc]
    assert lobby.host.closed == 1
