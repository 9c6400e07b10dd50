import hashlib
import inspect
import io
import json
import pickle
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from gateway.client import (
    AsyncColloquy,
    AsyncConversation,
    Colloquy,
    ColloquyError,
    Conversation,
    Patience,
    Started,
)

BASE = "http://talk.test"
NOW = "2026-08-17T12:00:00+00:00"


class Refusal(Exception):
    def __init__(self, status: int, code: str, param: str | None = None, **headers: str) -> None:
        self.status, self.code, self.param, self.headers = status, code, param, headers


class Gateway:
    """The contract in memory, as far as a client can see it; `faults` come before all else."""

    def __init__(self) -> None:
        self.conversations: dict[str, list[dict[str, Any]]] = {}
        self.answered: dict[str, httpx.Response] = {}
        self.requests: list[httpx.Request] = []
        self.faults: list[Callable[[httpx.Request], httpx.Response]] = []
        self.ready = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.faults:
            return self.faults.pop(0)(request)
        try:
            return self._once(request)
        except Refusal as no:
            error = {"message": f"No: {no.code}.", "type": "invalid", "param": no.param}
            body = {"error": error | {"code": no.code}}
            return httpx.Response(no.status, json=body, headers={"X-Request-ID": "r1"})

    def _once(self, request: httpx.Request) -> httpx.Response:
        """A key that was answered before is answered alike, and nothing is done."""
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        if key in self.answered:
            return self._copy(self.answered[key])
        response = self._route(request)
        if key:
            self.answered[key] = response
        return self._copy(response)

    def _copy(self, response: httpx.Response) -> httpx.Response:
        return httpx.Response(
            response.status_code, headers=response.headers, content=response.content
        )

    def _route(self, request: httpx.Request) -> httpx.Response:
        match request.method, request.url.path.strip("/").split("/"):
            case "GET", ["health"]:
                return httpx.Response(200, json={"status": "healthy"})
            case "GET", ["ready"]:
                return httpx.Response(200 if self.ready else 503, json={})
            case "GET", ["v1", "audio", "voices"]:
                voices = [{"id": "af_heart", "name": "Heart"}]
                return httpx.Response(200, json={"voices": voices, "data": voices})
            case "GET", ["v1", "models"]:
                return httpx.Response(200, json={"object": "list", "data": [{"id": "kokoro"}]})
            case "POST", ["v1", "audio", "speech"]:
                return self._openai_speech(request)
            case "GET", ["v1", "conversations"]:
                ids = [{"conversation_id": known} for known in self.conversations]
                return httpx.Response(200, json={"data": ids})
            case "POST", ["v1", "conversation", "start"]:
                return self._start(json.loads(request.content))
            case method, ["v1", "conversation", known, *rest] if known in self.conversations:
                return self._conversation(method, rest, known, request)
        raise Refusal(404, "conversation_not_found")

    def _openai_speech(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        if "X-Conversation-ID" not in request.headers:
            return sound(asked["input"], asked["response_format"])
        line = {"text": asked["input"], "speaker_id": request.headers["X-Speaker-ID"]}
        return self._speak(request.headers["X-Conversation-ID"], line | {"turn_id": "t"})

    def _start(self, asked: dict[str, Any]) -> httpx.Response:
        known = asked.get("conversation_id", f"c{len(self.conversations) + 1}")
        self.conversations[known] = []
        people = [p if isinstance(p, dict) else {"id": p} for p in asked["participants"]]
        people = [{"role": "agent", "voice": f"v{n}"} | p for n, p in enumerate(people)]
        body = {"conversation_id": known, "participants": people, "version": 1, "new": "field"}
        return httpx.Response(201, json=body)

    def _conversation(
        self, method: str, rest: list[str], known: str, request: httpx.Request
    ) -> httpx.Response:
        turns, params = self.conversations[known], request.url.params
        match method, rest:
            case "POST", ["speak"]:
                return self._speak(known, json.loads(request.content))
            case "POST", ["listen"]:
                return self._listen(known, request)
            case "GET", []:
                version = int(params.get("version", len(turns)))
                body = {"conversation_id": known, "status": "active", "version": version}
                return httpx.Response(200, json=body | {"turns": turns[:version], "at": [*params]})
            case "GET", ["turns"]:
                later = [turn for turn in turns if turn["turn"] > int(params.get("after", 0))]
                limit = int(params.get("limit", len(later)))
                return httpx.Response(200, json={"turns": later[:limit]})
            case "GET", ["context"]:
                body = {"version": len(turns), "speaker_id": params.get("speaker_id")}
                return httpx.Response(200, json=body | {"semantic": {"topic": "tea"}})
            case "GET", ["turns", turn_id]:
                return httpx.Response(200, json=self._turn(known, turn_id))
            case "GET", ["turns", turn_id, "audio"]:
                return sound(self._turn(known, turn_id)["text"], params["format"])
            case "POST", ["turns", turn_id, "interrupt"]:
                words = self._turn(known, turn_id)["text"].split()
                asked = json.loads(request.content)
                body = {"heard_text": words[0], "unheard_text": " ".join(words[1:])}
                return httpx.Response(200, json=body | asked)
            case "GET", ["events"]:
                after = int(params["after"])
                events = [event(known, n + 1) for n in range(len(turns))][after:]
                return httpx.Response(200, json={"events": events[: int(params.get("limit", 100))]})
            case "POST", ["fork"]:
                return self._start({"participants": ["ann"]})
            case "POST", ["rerender"]:
                return sound(request.content.decode(), "wav")
            case "PUT", ["pronunciations"]:
                asked = json.loads(request.content)
                return httpx.Response(200, json={"conversation_id": known, "version": 4} | asked)
            case "POST", ["end"]:
                return httpx.Response(200, json={})
            case "DELETE", []:
                del self.conversations[known]
                return httpx.Response(204)
        raise Refusal(404, "not_found")

    def _turn(self, known: str, turn_id: str) -> dict[str, Any]:
        for turn in self.conversations[known]:
            if turn["turn_id"] == turn_id:
                return turn
        raise Refusal(404, "turn_not_found")

    def _speak(self, known: str, asked: dict[str, Any]) -> httpx.Response:
        if not 0.25 <= asked.get("speed", 1) <= 4:
            raise Refusal(422, "out_of_range", "speed")
        turns = self.conversations[known]
        if asked["turn_id"] not in [turn["turn_id"] for turn in turns]:
            turns.append(turn_of(len(turns) + 1, "spoken", asked))
        turn = self._turn(known, asked["turn_id"])
        if turn["text"] != asked["text"]:
            raise Refusal(409, "turn_id_conflict", "turn_id")
        headers = {"X-Conversation-ID": known, "X-Conversation-Turn": str(turn["turn"])}
        headers |= {"X-Turn-ID": turn["turn_id"], "X-Response-Gap-Ms": "230"}
        return sound(asked["text"], asked.get("response_format", "mp3"), headers)

    def _listen(self, known: str, request: httpx.Request) -> httpx.Response:
        turns = self.conversations[known]
        if request.headers["Content-Type"].startswith("multipart/form-data"):
            asked = {"text": "(sound)", "speaker_id": "bob", "raw": request.content}
            assert b'name="audio"' in request.content
        else:
            asked = json.loads(request.content)
        turn = turn_of(len(turns) + 1, "heard", asked | {"turn_id": f"h{len(turns) + 1}"})
        turns.append(turn)
        return httpx.Response(200, json={"turn": turn["turn"], "turn_id": turn["turn_id"]})


def turn_of(number: int, kind: str, asked: dict[str, Any]) -> dict[str, Any]:
    words = [{"word": word, "start_s": 0.0, "end_s": 0.1} for word in asked["text"].split()]
    turn = {"turn": number, "kind": kind, "status": "completed", "words": words}
    return turn | {name: asked[name] for name in ("turn_id", "speaker_id", "text")}


def event(known: str, version: int) -> dict[str, Any]:
    fact = {"event_id": f"e{version}", "conversation_id": known, "version": version}
    fact |= {"position": version + 40, "type": "turn_begun", "schema_version": 1}
    return fact | {"recorded_at": NOW, "command_id": None, "data": {}}


def pcm(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest() * 100


def sound(text: str, name: str, headers: dict[str, str] | None = None) -> httpx.Response:
    facts = {"Content-Type": f"audio/{name}; rate=24000", "X-Request-ID": "r9"}
    return httpx.Response(200, headers=facts | (headers or {}), content=pcm(text))


class Torn(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"some"
        raise httpx.ReadError("reset by peer")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"some"
        raise httpx.ReadError("reset by peer")


class Held(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that nobody reads."""

    closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


class Lost:
    """The gateway does what was asked, and the answer never arrives."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.gateway._once(request)
        raise httpx.ReadError("reset by peer")


def down(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused")


def busy(after: str = "3", status: int = 429) -> Callable[[httpx.Request], httpx.Response]:
    body = {"error": {"message": "Busy.", "type": "busy", "param": None, "code": "busy"}}
    return lambda _: httpx.Response(status, json=body, headers={"Retry-After": after})


class Clock:
    """Sleeps for no time, for either client, and remembers for how long it was asked to."""

    def __init__(self, waits: bool) -> None:
        self.slept: list[float] = []
        self.sleep = self._now if waits else self._soon

    def _now(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def _soon(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture(params=["sync", "async"])
def clock(request) -> Clock:
    return Clock(waits=request.param == "sync")


@pytest.fixture
async def client(request, gateway, clock):
    """Either client; `done` makes their answers alike, so that every test is one for both."""
    kind = Colloquy if clock.sleep == clock._now else AsyncColloquy
    made = kind(
        BASE,
        "secret",
        patience=Patience(jitter=lambda: 0.0),
        transport=httpx.MockTransport(gateway),
        sleep=clock.sleep,
    )
    yield made
    await done(made.close())


async def done(outcome: Any) -> Any:
    return await outcome if inspect.isawaitable(outcome) else outcome


async def everything(items: Any) -> list[Any]:
    return [item async for item in items] if hasattr(items, "__aiter__") else list(items)


@pytest.fixture
async def talk(client):
    return await done(client.start(["ann", {"id": "bob", "role": "human"}]))


async def test_start_gives_a_conversation_with_its_participants(client, gateway):
    talk = await done(client.start(["ann"], "c-7", context_window=5, metadata={"k": 1}))
    assert (talk.id, [(p.id, p.voice) for p in talk.participants]) == ("c-7", [("ann", "v0")])
    sent = json.loads(gateway.requests[0].content)
    assert sent["context_window"] == 5
    assert sent["metadata"] == {"k": 1}
    assert gateway.requests[0].headers["Authorization"] == "Bearer secret"


async def test_how_much_is_heard_of_all_and_of_one_is_sent(client, gateway):
    people = [{"id": "ann", "intensity": 0.5}]
    talk = await done(client.start(people, intensity=0.0))
    assert talk.participants[0].intensity == 0.5
    sent = json.loads(gateway.requests[0].content)
    assert (sent["intensity"], sent["participants"]) == (0.0, people)


async def test_how_words_are_said_is_sent_at_the_start_and_later(client, gateway):
    words = {"SQL": {"say_as": "sequel"}}
    talk = await done(client.start(["ann"], pronunciations=words))
    assert json.loads(gateway.requests[-1].content)["pronunciations"] == words
    told = await done(talk.pronounce(words))
    assert json.loads(gateway.requests[-1].content) == {"pronunciations": words}
    assert (told.version, told.pronunciations["SQL"].say_as) == (4, "sequel")


async def test_markup_is_asked_for(client, talk, gateway):
    await done((await done(talk.speak("[pause:1s] Oh.", "ann", markup="tags"))).close())
    assert json.loads(gateway.requests[-1].content)["markup"] == "tags"
    await done((await done(client.speech("Oh.", "alloy", markup="ssml"))).close())
    assert json.loads(gateway.requests[-1].content)["markup"] == "ssml"


async def test_what_bears_on_a_line_can_be_asked(talk, gateway):
    told = await done(talk.context("ann", version=3))
    assert (told.speaker_id, told.semantic["topic"]) == ("ann", "tea")
    assert dict(gateway.requests[-1].url.params) == {"speaker_id": "ann", "version": "3"}


async def test_turns_come_in_pages(talk):
    for _ in range(3):
        await done(talk.listen("Well.", "bob"))
    assert [turn.turn for turn in await done(talk.turns())] == [1, 2, 3]
    assert [turn.turn for turn in await done(talk.turns(1, 1))] == [2]


async def test_a_line_is_spoken_and_its_headers_are_fields(talk):
    speech = await done(talk.speak("Hello there.", "ann", turn_id="t1", response_format="flac"))
    assert await done(speech.read()) == pcm("Hello there.")
    assert (speech.conversation_id, speech.turn, speech.turn_id) == (talk.id, 1, "t1")
    assert (speech.response_gap_ms, speech.request_id) == (230, "r9")
    assert speech.media_type == "audio/flac"


async def test_sound_can_be_taken_in_pieces_or_saved(talk, tmp_path):
    speech = await done(talk.speak("Hello.", "ann"))
    assert b"".join(await everything(speech.iter_bytes())) == pcm("Hello.")
    speech = await done(talk.speak("Hello.", "ann"))
    await done(speech.save(tmp_path / "line.wav"))
    assert (tmp_path / "line.wav").read_bytes() == pcm("Hello.")


async def test_what_was_not_given_is_not_sent(talk, gateway):
    await done((await done(talk.speak("Hello.", "ann"))).close())
    assert set(json.loads(gateway.requests[-1].content)) == {
        "text",
        "speaker_id",
        "response_format",
        "turn_id",
    }


async def test_every_line_has_a_turn_id_of_its_own(talk):
    for _ in range(2):
        await done((await done(talk.speak("Hello.", "ann"))).read())
    assert len({turn.turn_id for turn in await done(talk.turns())}) == 2


async def test_turns_heard_as_text_and_as_sound(talk, gateway):
    moment = datetime(2026, 8, 17, 12, tzinfo=UTC)
    heard = await done(talk.listen("Good morning.", "bob", started_at=moment))
    assert (heard.turn, heard.turn_id) == (1, "h1")
    assert json.loads(gateway.requests[-1].content)["started_at"] == NOW
    heard = await done(talk.listen("Well.", "bob", audio=b"RIFF..."))
    assert heard.turn == 2
    assert b"RIFF..." in gateway.requests[-1].content


async def test_sound_may_be_a_path_or_an_open_file(talk, gateway, tmp_path):
    path = tmp_path / "turn.wav"
    path.write_bytes(b"RIFF of bytes")
    for audio in (path, str(path), io.BytesIO(b"RIFF of bytes")):
        await done(talk.listen("Well.", "bob", audio=audio, turn_id="h7"))
        sent = gateway.requests[-1].content
        assert b"RIFF of bytes" in sent
        assert b"h7" in sent


async def test_the_record_can_be_read(talk):
    await done((await done(talk.speak("One two.", "ann", turn_id="t/1?"))).read())
    await done(talk.listen("Three.", "bob"))
    state = await done(talk.state())
    assert [(turn.kind, turn.text) for turn in state.turns] == [
        ("spoken", "One two."),
        ("heard", "Three."),
    ]
    assert len((await done(talk.state(version=1))).turns) == 1
    assert (await done(talk.state(at=NOW))).model_extra == {"at": ["at"]}
    assert (await done(talk.turn("h2"))).words[0].word == "Three."


async def test_a_turn_is_found_whatever_its_id_looks_like(talk, gateway):
    with pytest.raises(ColloquyError, match="not_found"):
        await done(talk.turn("a/b?c#d"))
    assert gateway.requests[-1].url.raw_path.endswith(b"/turns/a%2Fb%3Fc%23d")


@pytest.mark.parametrize("turn_id", ["", ".", ".."])
async def test_what_would_be_another_path_is_no_id(talk, turn_id):
    with pytest.raises(ValueError, match="cannot be an id"):
        await done(talk.turn(turn_id))


async def test_recorded_sound_and_interruptions(talk):
    await done((await done(talk.speak("One two three.", "ann", turn_id="t1"))).read())
    audio = await done(talk.turn_audio("t1", "flac"))
    assert (await done(audio.read()), audio.media_type) == (pcm("One two three."), "audio/flac")
    cut = await done(talk.interrupt("t1", 400, by="bob"))
    assert (cut.heard_text, cut.unheard_text, cut.audio_played_ms) == ("One", "two three.", 400)


@pytest.mark.parametrize("page", [1, 2, 3, 100])
async def test_all_events_come_once_and_in_order(talk, page):
    for n in range(3):
        await done(talk.listen(f"Number {n}.", "bob"))
    events = await everything(talk.all_events(page=page))
    assert [event.version for event in events] == [1, 2, 3]
    assert [event.version for event in await done(talk.events(after=1, limit=1))] == [2]


async def test_fork_rerender_end_erase_and_list(client, talk, gateway):
    fork = await done(talk.fork(1))
    assert fork.id != talk.id
    again = await done(talk.rerender(voice={"ann": "v9"}))
    assert await done(again.read()) == pcm('{"voice":{"ann":"v9"}}')
    assert await done(talk.end()) is None
    assert await done(talk.erase()) is None
    left = await done(client.conversations())
    assert [known.conversation_id for known in left] == [fork.id]
    with pytest.raises(ColloquyError) as gone:
        await done(client.conversation(talk.id).state())
    assert gone.value.status == 404


async def test_the_service_can_be_asked(client, gateway, clock):
    assert await done(client.health()) == {"status": "healthy"}
    assert [voice.name for voice in await done(client.voices())] == ["Heart"]
    assert [model.id for model in await done(client.models())] == ["kokoro"]
    assert await done(client.ready()) is True
    gateway.ready = False
    assert await done(client.ready()) is False
    assert clock.slept == []


async def test_the_route_of_openai_with_and_without_a_conversation(client, talk):
    plain = await done(client.speech("Hi.", "alloy"))
    assert (await done(plain.read()), plain.turn, plain.turn_id) == (pcm("Hi."), None, None)
    turn = await done(client.speech("Hi.", "alloy", conversation_id=talk.id, speaker_id="ann"))
    assert (await done(turn.read()), turn.conversation_id, turn.turn) == (pcm("Hi."), talk.id, 1)


async def test_a_refusal_carries_what_the_server_said(talk):
    with pytest.raises(ColloquyError, match=r"No: out_of_range\.") as refused:
        await done(talk.speak("Hi.", "ann", speed=9))
    error = refused.value
    assert (error.status, error.type, error.param) == (422, "invalid", "speed")
    assert (error.code, error.request_id) == ("out_of_range", "r1")


async def test_the_words_of_a_turn_are_not_replaced(talk):
    await done((await done(talk.speak("One.", "ann", turn_id="t"))).read())
    with pytest.raises(ColloquyError) as conflict:
        await done(talk.speak("Two.", "ann", turn_id="t"))
    assert conflict.value.code == "turn_id_conflict"


@pytest.mark.parametrize("body", [b"<html>Bad Gateway</html>", b"[]", b'{"error": "no"}', b""])
async def test_a_refusal_by_somebody_else_is_an_error_too(client, gateway, body):
    gateway.faults = [lambda _: httpx.Response(502, content=body)]
    with pytest.raises(ColloquyError, match="502 Bad Gateway"):
        await done(client.voices())


@pytest.mark.parametrize("body", [b"<html>", b'{"data": [{"name": "no id"}]}', b"3"])
async def test_an_answer_of_another_shape_is_an_error(client, gateway, body):
    gateway.faults = [lambda _: httpx.Response(200, content=body)]
    with pytest.raises(ColloquyError, match="not understood"):
        await done(client.voices())


async def test_a_lost_answer_is_asked_for_again_and_the_line_spoken_once(talk, gateway):
    gateway.faults = [Lost(gateway), Lost(gateway)]
    speech = await done(talk.speak("Once.", "ann"))
    assert await done(speech.read()) == pcm("Once.")
    assert len(gateway.conversations[talk.id]) == 1


async def test_a_lost_answer_is_asked_for_again_and_the_line_heard_once(client, gateway):
    gateway.faults = [Lost(gateway)]
    talk = await done(client.start(["bob"]))
    gateway.faults = [Lost(gateway)]
    assert (await done(talk.listen("Once.", "bob"))).turn == 1
    assert len(gateway.conversations) == len(gateway.conversations[talk.id]) == 1


async def test_a_fork_is_not_asked_for_twice_when_it_may_have_been_made(talk, gateway):
    gateway.faults = [Lost(gateway)]
    with pytest.raises(ColloquyError, match="No answer"):
        await done(talk.fork())
    gateway.faults = [down]
    assert (await done(talk.fork())).id in gateway.conversations


async def test_a_busy_server_is_given_the_time_that_it_asks_for(talk, gateway, clock):
    gateway.faults = [busy("3"), busy("1", status=503)]
    await done((await done(talk.speak("Hi.", "ann"))).read())
    assert clock.slept == [3.2, 1.4]


async def test_patience_ends(talk, gateway, clock):
    gateway.faults = [busy("0")] * 3
    with pytest.raises(ColloquyError, match="Busy") as refused:
        await done(talk.speak("Hi.", "ann"))
    assert (refused.value.status, len(clock.slept), gateway.faults) == (429, 2, [])


async def test_a_long_pause_is_left_to_the_caller(talk, gateway, clock):
    gateway.faults = [busy("120")]
    with pytest.raises(ColloquyError) as refused:
        await done(talk.turns())
    assert (refused.value.retry_after, clock.slept) == (120, [])


async def test_a_server_that_is_not_there_is_named(client, gateway, clock):
    gateway.faults = [down] * 3
    with pytest.raises(ColloquyError, match=rf"No answer from {BASE}.*refused") as lost:
        await done(client.health())
    assert (lost.value.status, clock.slept) == (None, [0.2, 0.4])


async def test_a_refusal_that_will_not_pass_is_not_repeated(talk, gateway, clock):
    before = len(gateway.requests)
    with pytest.raises(ColloquyError):
        await done(talk.speak("Hi.", "ann", speed=9))
    assert (len(gateway.requests) - before, clock.slept) == (1, [])


async def test_sound_that_breaks_off_is_an_error_and_not_a_shorter_file(talk, gateway, tmp_path):
    gateway.faults = [lambda _: httpx.Response(200, stream=Torn())] * 2
    speech = await done(talk.speak("Hi.", "ann"))
    with pytest.raises(ColloquyError, match="broke off"):
        await done(speech.save(tmp_path / "line.wav"))
    assert list(tmp_path.iterdir()) == []
    speech = await done(talk.speak("Hi.", "ann"))
    with pytest.raises(ColloquyError, match="broke off"):
        await everything(speech.iter_bytes())


async def test_an_address_as_openai_wants_it_is_the_same_server(gateway):
    with Colloquy(f"{BASE}/v1/", transport=httpx.MockTransport(gateway)) as client:
        client.voices()
    assert str(gateway.requests[0].url) == f"{BASE}/v1/audio/voices"
    assert "Authorization" not in gateway.requests[0].headers


async def test_sound_that_is_not_wanted_any_more_frees_its_connection(gateway):
    transport, held = httpx.MockTransport(gateway), [Held(), Held()]
    gateway.faults = [lambda _: httpx.Response(200, stream=held[0])]
    with Colloquy(BASE, transport=transport) as client, client.speech("Hi.", "alloy"):
        assert not held[0].closed
    gateway.faults = [lambda _: httpx.Response(200, stream=held[1])]
    async with AsyncColloquy(BASE, transport=transport) as client:
        async with await client.speech("Hi.", "alloy"):
            assert not held[1].closed
        assert held[0].closed
        assert held[1].closed


def test_both_clients_offer_the_same():
    for now, soon in ((Colloquy, AsyncColloquy), (Conversation, AsyncConversation)):
        names = {name for name in dir(now) if not name.startswith("_")}
        assert names == {name for name in dir(soon) if not name.startswith("_")}
        for name in names - {"close"}:
            assert [*inspect.signature(getattr(now, name)).parameters][1:] == [
                *inspect.signature(getattr(soon, name)).parameters
            ][1:]


def test_errors_travel_between_processes():
    error = ColloquyError(429, "Busy.", "busy", None, "busy", "r1", 3.0)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (str(copy), vars(copy)) == (str(error), vars(error))


def test_answers_keep_fields_of_a_later_release_and_cannot_be_changed():
    started = Started.model_validate({"conversation_id": "c", "mood": "fine"})
    assert started.model_extra == {"mood": "fine"}
    with pytest.raises(ValueError, match="frozen"):
        started.version = 2
