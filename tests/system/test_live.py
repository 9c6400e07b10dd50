"""The live connection, by the published client and by raw frames, over the real system."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as connect_and_wait

from gateway.client import AsyncColloquy, Colloquy, ColloquyError, Conversation
from tests.system.serving import Server, kill

TEXT = "Well, this is the first sentence of some. Here is another one, longer than the first. Bye!"
LONG = TEXT + " It goes on and on, for as long as anybody listens to it." * 20
NAMES = (f"live-{number}" for number in count())


@pytest.fixture
def talk(server: Server) -> Iterator[Conversation]:
    with Colloquy(server.url) as client:
        yield client.start(["ann", {"id": "bob", "role": "human"}], conversation_id=next(NAMES))


def recorded(talk: Conversation, turn_id: str) -> bytes:
    return talk.turn_audio(turn_id, "pcm").read()


def test_words_go_in_one_by_one_and_the_record_has_what_was_heard(talk: Conversation) -> None:
    with talk.live() as live:
        turn = live.begin("ann", turn_id="t1")
        for word in TEXT.split(" "):
            turn.say(f"{word} ")
        turn.end()
        pcm = b"".join(turn)
        assert [word.word for word in turn.words] == TEXT.split()
    assert recorded(talk, "t1") == pcm
    assert talk.turn("t1").status == "completed"


def test_turns_wait_for_one_another(talk: Conversation) -> None:
    with talk.live() as live:
        turns = [live.speak("ann", f"This is number {n}.", turn_id=f"t{n}") for n in range(4)]
        assert all(turn.outcome()["type"] == "turn.completed" for turn in turns)
    assert [turn.turn_id for turn in talk.turns()] == ["t0", "t1", "t2", "t3"]


def test_who_is_interrupted_was_heard_up_to_there(talk: Conversation) -> None:
    with talk.live() as live:
        turn = live.speak("ann", LONG, turn_id="t1")
        pieces = iter(turn)
        next(pieces)
        while len(turn.words) < 4:
            next(pieces)
        third = turn.words[2]
        cut = turn.interrupt(round((third.start_s + third.end_s) * 500), "bob")
        assert cut.heard_text == " ".join(LONG.split()[:2])
        assert f"{cut.heard_text} {cut.unheard_text}" == LONG
        assert turn.interrupt(1) == cut
        after = live.speak("ann", "As I was saying.")
        assert after.outcome()["type"] == "turn.completed"
    assert talk.state().turns[0].heard_text == cut.heard_text


async def test_the_async_client_hears_while_it_speaks(server: Server) -> None:
    async with AsyncColloquy(server.url) as client:
        talk = await client.start(["ann"], conversation_id=next(NAMES))
        async with talk.live() as live:
            turn = await live.begin("ann", "Well, ", turn_id="t1")
            pieces = aiter(turn)
            first = await anext(pieces)
            await turn.say("that is all.")
            await turn.end()
            pcm = first + b"".join([piece async for piece in pieces])
            assert turn.sample == len(pcm) // 2


def test_a_conversation_that_is_not_there_is_refused(server: Server) -> None:
    with Colloquy(server.url) as client:
        with pytest.raises(ColloquyError) as refused, client.conversation("nobody").live():
            pass
        assert (refused.value.status, refused.value.code) == (404, "conversation_not_found")


class Leaky:
    """Passes connections on to a server, and cuts them off after so many bytes of answer."""

    def __init__(self, port: int, after: int) -> None:
        self._to, self._after = port, after
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()
        self.port = self._listener.getsockname()[1]
        self.cuts = 0

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                inside, _ = self._listener.accept()
                thread = threading.Thread(target=self._connect, args=(inside,))
                self._threads.append(thread)
                thread.start()

    def _connect(self, inside: socket.socket) -> None:
        with inside, socket.create_connection(("127.0.0.1", self._to)) as outside:
            asking = threading.Thread(target=self._pass, args=(inside, outside, 2**40))
            asking.start()
            self.cuts += not self._pass(outside, inside, self._after)
            asking.join()

    def _pass(self, source: socket.socket, sink: socket.socket, left: int) -> int:
        with suppress(OSError):
            while left > 0 and (data := source.recv(min(4096, left))):
                sink.sendall(data)
                left -= len(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        return left


def test_a_connection_that_breaks_again_and_again_loses_and_repeats_nothing(
    server: Server, talk: Conversation
) -> None:
    with (
        closing(Leaky(server.port, after=150_000)) as leaky,
        Colloquy(f"http://127.0.0.1:{leaky.port}") as client,
        client.conversation(talk.id).live() as live,
    ):
        turn = live.speak("ann", LONG, turn_id="t1")
        pcm = b"".join(turn)
        assert leaky.cuts >= 3
        assert [word.word for word in turn.words] == LONG.split()
    assert pcm == recorded(talk, "t1")
    assert [event.type for event in talk.events()].count("turn_begun") == 1


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", engine="scripted").start()  # the same sound every time
    yield server
    server.stop()


def test_the_process_of_the_conversation_may_die_while_it_speaks(victim: Server) -> None:
    with Colloquy(victim.url) as client:
        talk = client.start(["ann"])
        with talk.live() as live:
            turn = live.begin("ann", TEXT + " ", turn_id="t1")
            pieces = iter(turn)
            held = next(pieces)
            for pid in victim.actors("ConversationActor"):
                kill(pid)
            turn.say("And that is the end.")
            turn.end()
            pcm = held + b"".join(pieces)
        assert pcm == recorded(talk, "t1")
        assert talk.turn("t1").text == f"{TEXT} And that is the end."


def test_many_connections_come_and_go(server: Server, talk: Conversation) -> None:
    url = f"ws://127.0.0.1:{server.port}/v1/conversation/{talk.id}/stream"

    async def come_and_go() -> None:
        async with connect(url) as live:
            await live.recv()
            await live.send("{")
            assert json.loads(await live.recv())["error"]["code"] == "invalid_json"

    async def many() -> None:
        for _ in range(10):
            await asyncio.gather(*(come_and_go() for _ in range(30)))

    asyncio.run(many())
    assert talk.state().turns == ()


def test_a_message_without_end_ends_the_connection_and_a_long_one_does_not(
    server: Server, talk: Conversation
) -> None:
    url = f"ws://127.0.0.1:{server.port}/v1/conversation/{talk.id}/stream"
    with connect_and_wait(url) as live:
        live.recv()
        begin = {"type": "turn.begin", "turn_id": "t1", "speaker_id": "ann"}
        live.send(json.dumps({**begin, "text": "x" * 1_000_000}))
        assert json.loads(live.recv())["error"]["code"] == "text_too_long"
        live.send(b"\0" * 1000)
        assert json.loads(live.recv())["error"]["code"] == "not_text"
        live.send(json.dumps({"type": "ping", "id": "still here"}))
        assert json.loads(live.recv()) == {"type": "pong", "id": "still here"}


def test_pages_of_other_sites_may_not_connect(server: Server, talk: Conversation) -> None:
    url = f"ws://127.0.0.1:{server.port}/v1/conversation/{talk.id}/stream"
    with (
        pytest.raises(InvalidStatus) as refused,
        connect_and_wait(url, additional_headers={"Origin": "https://elsewhere.example"}),
    ):
        pass
    assert refused.value.response.status_code == 403
