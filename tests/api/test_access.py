"""Who is let in, for what, how often; and what each sees."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute, APIRouter, APIWebSocketRoute

from analytics.scope import EVERYTHING, Scope
from gateway.access.guard import OPEN_PATHS
from gateway.access.needs import Needs, NeedsNothing
from gateway.commands.keys import renew, revoke
from tests.api.door import Door, refused
from tests.api.locked import Holder, LockedDoor
from tests.fakes.clock import settle
from tests.fakes.http import Call

CONNECT = "websocket.connect"
C = "/v1/conversation/{conversation_id}"
NEEDED: dict[str, str | None] = {
    "POST /v1/conversation/start": "speak",
    f"POST {C}/speak": "speak",
    f"POST {C}/listen": "speak",
    f"POST {C}/listen/batch": "speak",
    f"POST {C}/turns/{{turn_id}}/interrupt": "speak",
    f"POST {C}/fork": "speak",
    f"PUT {C}/pronunciations": "speak",
    f"POST {C}/participants": "speak",
    f"DELETE {C}/participants/{{participant_id:path}}": "speak",
    f"POST {C}/end": "speak",
    f"WS {C}/stream": "speak",
    "POST /v1/audio/speech": "speak",
    "WS /v1/realtime": "speak",
    "POST /v1/text-to-speech/{voice_id}": "speak",
    "POST /v1/text-to-speech/{voice_id}/stream": "speak",
    "POST /v1/text-to-speech/{voice_id}/with-timestamps": "speak",
    "POST /v1/text-to-speech/{voice_id}/stream/with-timestamps": "speak",
    "WS /v1/text-to-speech/{voice_id}/stream-input": "speak",
    "WS /v1/text-to-speech/{voice_id}/multi-stream-input": "speak",
    "WS /tts/websocket": "speak",
    "POST /tts/bytes": "speak",
    "POST /tts/sse": "speak",
    "WS /v2/speak": "speak",
    "WS /v1/speak": "speak",
    "POST /v2/speak": "speak",
    "POST /v1/speak": "speak",
    "GET /v1/conversations": "read",
    f"GET {C}": "read",
    f"GET {C}/context": "read",
    f"GET {C}/turns": "read",
    f"GET {C}/turns/{{turn_id}}": "read",
    f"GET {C}/turns/{{turn_id}}/audio": "read",
    f"GET {C}/events": "read",
    "GET /v1/events": "admin",
    "GET /v1/log/verify": "admin",
    "GET /v1/analytics/views": "analyse",
    "GET /v1/analytics/views/{name}": "analyse",
    "POST /v1/analytics/sql": "analyse",
    "GET /v1/analytics/plots": "analyse",
    "GET /v1/analytics/plots/{name}.svg": "analyse",
    "GET /metrics": "read",
    "GET /v1/": None,
    "GET /v1/models": None,
    "GET /v1/models/{model}": None,
    "GET /v1/audio/models": None,
    "GET /v1/audio/voices": None,
    "GET /v1/voices": None,
    "GET /": "nothing",
    "GET /health": "nothing",
    "GET /ready": "nothing",
}
"""Every call, and the scope that it needs of a key: any key where it is None, or nothing at all."""


def declared(door: Door) -> dict[str, list[str | None]]:
    """What the routes of the app say that they need."""
    return dict(_walk(door.app.router))


def _walk(router: APIRouter, prefix: str = "") -> Iterator[tuple[str, list[str | None]]]:
    for route in router.routes:
        if hasattr(route, "original_router"):
            yield from _walk(route.original_router, prefix + router.prefix)
        elif isinstance(route, APIRoute | APIWebSocketRoute):
            said = [depends.dependency for depends in route.dependencies]
            needed = [said.scope for said in said if isinstance(said, Needs)]
            needed += ["nothing" for said in said if isinstance(said, NeedsNothing)]
            methods = route.methods if isinstance(route, APIRoute) else {"WS"}
            for method in methods:
                yield f"{method} {prefix}{route.path}", needed


@pytest.fixture
async def locked(tmp_path: Path) -> AsyncIterator[LockedDoor]:
    door = LockedDoor(tmp_path)
    async with door.client:
        yield door
    await door.app.state.analysts.close()


def test_every_route_says_what_it_needs_and_says_it_once(locked: LockedDoor) -> None:
    assert declared(locked) == {name: [needed] for name, needed in NEEDED.items()}
    opened = {name.split(" ")[1] for name, needed in NEEDED.items() if needed == "nothing"}
    assert opened == OPEN_PATHS - {"/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"}


async def test_the_served_document_says_which_calls_want_a_key(locked: LockedDoor) -> None:
    document = (await locked.get("/openapi.json")).json()
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert ("security" in operation) == (path not in OPEN_PATHS), path


@pytest.mark.parametrize("name", [name for name in NEEDED if not name.startswith("WS")])
async def test_every_route_is_locked_or_meant_to_be_open(locked: LockedDoor, name: str) -> None:
    method, template = name.split(" ")
    path = template.replace(":path", "").format(
        conversation_id="c",
        turn_id="t",
        name="turns",
        model="tts-1",
        participant_id="p",
        voice_id="af_heart",
    )
    without = await locked.client.request(method, path)
    if path in OPEN_PATHS:
        assert without.status_code == 200
        return
    assert "no API key" in refused(without, 401, "invalid_api_key", None)
    wrong = {"Authorization": f"Bearer clq_{'0' * 12}_{'0' * 64}"}
    answer = await locked.client.request(method, path, headers=wrong)
    assert "wrong or was revoked" in refused(answer, 401, "invalid_api_key", None)
    assert answer.headers["www-authenticate"] == "Bearer"
    needed = NEEDED[name]
    if needed is not None:
        others = locked.holder(*({"speak", "read", "analyse"} - {needed}))  # type: ignore[arg-type]
        answer = await others.client.request(method, path)
        beside = "detail" if "text-to-speech" in path else None
        said = refused(answer, 403, "insufficient_scope", None, beside=beside)
        assert f"{needed!r}" in said


async def test_the_documentation_is_for_everybody_and_what_is_not_there_for_nobody(
    locked: LockedDoor,
) -> None:
    assert (await locked.get("/docs")).status_code == 200
    assert (await locked.get("/openapi.json")).status_code == 200
    refused(await locked.get("/v2/nothing"), 401, "invalid_api_key", None)


async def test_a_body_is_not_waited_for_from_who_has_no_key(locked: LockedDoor) -> None:
    body = b"x" * 1_000_000
    answer = await locked.client.post("/v1/conversation/start", content=body)
    refused(answer, 401, "invalid_api_key", None)


@pytest.mark.parametrize("header", ["Authorization", "xi-api-key", "X-API-Key"])
async def test_a_key_is_taken_from_where_clients_put_it(locked: LockedDoor, header: str) -> None:
    token = locked.holder("read").token
    sent = f"Token {token}" if header == "Authorization" else token
    answer = await locked.client.get("/v1/conversations", headers={header: sent})
    assert answer.status_code == 200


async def test_a_key_that_is_made_revoked_or_renewed_is_so_soon(locked: LockedDoor) -> None:
    holder = locked.holder()
    assert (await holder.get("/v1/models")).status_code == 200
    _, token = renew(locked.path, holder.key.id)
    locked.look()
    refused(await holder.get("/v1/models"), 401, "invalid_api_key", None)
    holder.client.headers["Authorization"] = f"Bearer {token}"
    assert (await holder.get("/v1/models")).status_code == 200
    revoke(locked.path, holder.key.id)
    locked.look()
    refused(await holder.get("/v1/models"), 401, "invalid_api_key", None)


async def test_the_first_key_locks_a_door_that_was_open(tmp_path: Path) -> None:
    door = Door(data_dir=tmp_path)
    assert (await door.start()).status_code == 201
    door.__class__ = LockedDoor
    door.path = tmp_path / "keys.json"  # type: ignore[attr-defined]
    holder, admin = (LockedDoor.holder(door, *s) for s in ((), ("admin",)))  # type: ignore[arg-type, misc]
    refused(await door.get("/v1/conversation/c"), 401, "invalid_api_key", None)
    refused(
        await holder.get("/v1/conversation/c"), 404, "conversation_not_found", "conversation_id"
    )
    assert (await admin.get("/v1/conversation/c")).status_code == 200


# What each sees.


@pytest.fixture
async def two(locked: LockedDoor) -> tuple[Holder, Holder, Holder]:
    """Two with a key, each with a conversation and a turn in it; and an admin."""
    mine, theirs = locked.holder(), locked.holder()
    for holder, conversation_id in ((mine, "mine"), (theirs, "theirs")):
        assert (await holder.start(conversation_id)).status_code == 201
        assert (await holder.speak(conversation_id)).status_code == 200
    return mine, theirs, locked.holder("admin")


SEEN = [
    ("GET", "", None),
    ("GET", "/context", None),
    ("GET", "/turns", None),
    ("GET", "/turns/t1", None),
    ("GET", "/turns/t1/audio", None),
    ("GET", "/events", None),
    ("POST", "/speak", {"text": "Hello there.", "speaker_id": "ann", "turn_id": "t1"}),
    ("POST", "/listen", {"text": "Yes.", "speaker_id": "bob", "turn_id": "h"}),
    ("POST", "/listen/batch", {"turns": [{"text": "A", "speaker_id": "bob", "turn_id": "b"}]}),
    ("POST", "/turns/t1/interrupt", {"audio_played_ms": 10}),
    ("PUT", "/pronunciations", {"pronunciations": {"SQL": {"say_as": "sequel"}}}),
    ("POST", "/participants", {"id": "eve"}),
    ("DELETE", "/participants/bob", None),
    ("POST", "/fork", {}),
    ("POST", "/end", {}),
]


def test_everything_about_a_conversation_is_tried() -> None:
    tried = {f"{method} {C}{path}".replace("/t1", "/{turn_id}") for method, path, _ in SEEN}
    tried = {name.replace("/bob", "/{participant_id:path}") for name in tried}
    assert tried == {name for name in NEEDED if C in name and not name.startswith("WS")}


@pytest.mark.parametrize(("method", "path", "body"), SEEN)
async def test_a_conversation_is_there_for_its_owner_and_admins_alone(
    two: tuple[Holder, Holder, Holder], method: str, path: str, body: object
) -> None:
    mine, theirs, admin = two
    before = (await mine.get("/v1/conversation/mine")).json()["version"]
    stranger = await theirs.client.request(method, f"/v1/conversation/mine{path}", json=body)
    nobody = await theirs.client.request(method, f"/v1/conversation/no{path}", json=body)
    message = refused(stranger, 404, "conversation_not_found", "conversation_id")
    assert message.replace("mine", "no") == refused(
        nobody, 404, "conversation_not_found", "conversation_id"
    )
    assert (await mine.get("/v1/conversation/mine")).json()["version"] == before
    for holder, name in ((mine, "mine"), (admin, "theirs")):
        own = await holder.client.request(method, f"/v1/conversation/{name}{path}", json=body)
        assert own.is_success, own.text


async def connected(holder: Holder, conversation_id: str) -> tuple[int, str | None]:
    """How a live connection begins: 101, or the status and code of its refusal."""
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.disconnect", "code": 1000} if told else {"type": CONNECT}

    async def send(message: Any) -> None:
        told.append(message)

    scope = {
        "type": "websocket",
        "path": f"/v1/conversation/{conversation_id}/stream",
        "query_string": f"api_key={holder.token}".encode(),
        "headers": [],
        "extensions": {"websocket.http.response": {}},
    }
    await holder.app(scope, receive, send)
    if told[0]["type"] == "websocket.accept":
        return 101, None
    return told[0]["status"], json.loads(told[1]["body"])["error"]["code"]


async def test_a_live_connection_is_for_who_may_speak_and_sees_the_conversation(
    locked: LockedDoor, two: tuple[Holder, Holder, Holder]
) -> None:
    mine, theirs, admin = two
    assert await connected(mine, "mine") == (101, None)
    assert await connected(admin, "mine") == (101, None)
    assert await connected(theirs, "mine") == (404, "conversation_not_found")
    assert await connected(locked.holder("read"), "mine") == (403, "insufficient_scope")


async def test_lists_have_what_is_seen(two: tuple[Holder, Holder, Holder]) -> None:
    mine, theirs, admin = two

    async def listed(holder: Holder, **params: object) -> list[str]:
        answer = (await holder.get("/v1/conversations", **params)).json()
        return [each["conversation_id"] for each in answer["data"]]

    await mine.start("mine-2")
    assert await listed(mine) == ["mine-2", "mine"]
    assert await listed(mine, limit=1) == ["mine-2"]
    assert await listed(mine, after="mine-2") == ["mine"]
    assert await listed(theirs) == ["theirs"]
    assert await listed(admin) == ["mine-2", "theirs", "mine"]
    answer = await mine.get("/v1/conversations", after="theirs")
    refused(answer, 404, "conversation_not_found", "after")


async def test_a_name_that_another_has_taken_is_a_conflict(
    two: tuple[Holder, Holder, Holder],
) -> None:
    mine, theirs, _ = two
    refused(await theirs.start("mine"), 409, "conversation_conflict", "conversation_id")
    fork = {"conversation_id": "mine"}
    answer = await theirs.post("/v1/conversation/theirs/fork", fork)
    refused(answer, 409, "conversation_conflict", "conversation_id")
    assert (await mine.start("mine")).status_code == 200


async def test_a_fork_belongs_to_who_forked(two: tuple[Holder, Holder, Holder]) -> None:
    mine, theirs, admin = two
    assert (await mine.post("/v1/conversation/mine/fork", {"conversation_id": "f"})).is_success
    assert (await mine.get("/v1/conversation/f")).status_code == 200
    refused(
        await theirs.get("/v1/conversation/f"), 404, "conversation_not_found", "conversation_id"
    )
    taken = {"conversation_id": "looked-into"}
    assert (await admin.post("/v1/conversation/mine/fork", taken)).is_success
    refused(
        await mine.get("/v1/conversation/looked-into"),
        404,
        "conversation_not_found",
        "conversation_id",
    )
    assert (await admin.get("/v1/conversation/looked-into")).status_code == 200
    again = await mine.post("/v1/conversation/mine/fork", taken)
    refused(again, 409, "conversation_conflict", "conversation_id")


async def test_a_line_by_openais_route_joins_no_conversation_of_another(
    two: tuple[Holder, Holder, Holder],
) -> None:
    mine, theirs, admin = two
    line = {"input": "Hello there.", "voice": "alloy", "response_format": "pcm"}
    answer = await theirs.post("/v1/audio/speech", line, X_Conversation_ID="mine")
    refused(answer, 404, "conversation_not_found", "conversation_id")
    assert (await theirs.post("/v1/audio/speech", line, X_Conversation_ID="new")).is_success
    assert (await theirs.post("/v1/audio/speech", line, X_Conversation_ID="new")).is_success
    assert (await theirs.get("/v1/conversation/new")).json()["turn_count"] == 2
    refused(
        await mine.get("/v1/conversation/new"), 404, "conversation_not_found", "conversation_id"
    )
    assert (await admin.post("/v1/audio/speech", line, X_Conversation_ID="new")).is_success
    assert (await admin.get("/v1/conversation/new")).json()["turn_count"] == 3


async def test_analyses_are_of_what_is_seen(
    locked: LockedDoor, two: tuple[Holder, Holder, Holder], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs, admin = two
    asked: list[Scope] = []

    async def ask(question: Any) -> Any:
        asked.append(question.scope)
        raise AssertionError("enough is known")

    monkeypatch.setattr(locked.app.state.analysts.sandbox, "ask", ask)
    for holder, conversation_id in (
        (mine, None), (theirs, None), (admin, None), (mine, "theirs"), (admin, "theirs"),
    ):  # fmt: skip
        named = {"conversation_id": conversation_id} if conversation_id else {}
        await holder.get("/v1/analytics/views/turns", **named)
    await mine.post("/v1/analytics/sql", {"sql": "FROM turns"})
    own, others = asked[0].owner, asked[1].owner
    assert None is not own != others is not None
    assert asked == [
        Scope(owner=own), Scope(owner=others), EVERYTHING,
        Scope.of("theirs", owner=own), Scope.of("theirs"), Scope(owner=own),
    ]  # fmt: skip


async def test_who_owns_what_outlives_a_restart(
    locked: LockedDoor, two: tuple[Holder, Holder, Holder]
) -> None:
    mine, theirs, _ = two
    log = locked.system.journal.log
    reopened = type(log)(
        clock=locked.system.clock.now, new_id=lambda: "e", events=log.events, opening=2
    )
    heads = await reopened.conversations(owner=mine.key.id)
    assert [head.conversation_id for head in heads] == ["mine"]
    head = await reopened.head("theirs")
    assert head is not None
    assert head.owner == theirs.key.id


# How often.


async def test_what_is_left_is_told_and_what_is_too_much_refused(locked: LockedDoor) -> None:
    holder = locked.holder(requests_per_minute=2)
    first = await holder.get("/v1/models")
    assert first.headers["x-ratelimit-limit-requests"] == "2"
    assert first.headers["x-ratelimit-remaining-requests"] == "1"
    assert first.headers["x-ratelimit-reset-requests"] == "30s"
    await holder.get("/v1/models")
    answer = await holder.get("/v1/models")
    assert "2 times a minute" in refused(answer, 429, "rate_limit_exceeded", None)
    assert answer.headers["retry-after"] == "30"
    assert answer.headers["x-ratelimit-remaining-requests"] == "0"
    locked.system.clock.advance(29)
    assert (await holder.get("/v1/models")).headers["retry-after"] == "1"
    locked.system.clock.advance(1)
    assert (await holder.get("/v1/models")).status_code == 200
    assert (await locked.holder(requests_per_minute=2).get("/v1/models")).status_code == 200


async def test_characters_to_be_spoken_are_counted(locked: LockedDoor) -> None:
    holder = locked.holder(characters_per_minute=30)
    await holder.start("c")
    first = await holder.speak("c")
    assert first.headers["x-ratelimit-remaining-characters"] == str(30 - len("Hello there."))
    line = {"input": "Hello there.", "voice": "alloy", "response_format": "pcm"}
    assert (await holder.post("/v1/audio/speech", line)).is_success
    answer = await holder.speak("c", "t2")
    refused(answer, 429, "rate_limit_exceeded", None)
    assert answer.headers["retry-after"] == "12"
    locked.system.clock.advance(12)
    assert (await holder.speak("c", "t2")).status_code == 200
    answer = await holder.speak("c", "t3", text="a word " * 5)
    assert "30 characters" in refused(answer, 422, "text_too_long", None)


async def test_requests_under_way_are_bounded_and_end_when_they_end(locked: LockedDoor) -> None:
    holder = locked.holder(concurrent_requests=1)
    await holder.start("c")
    body = {"text": "Hello there.", "speaker_id": "ann", "turn_id": "t"}
    locked.system.journal.hold()
    call = Call(locked.app, "POST", "/v1/conversation/c/speak", data=body, headers=holder.headers)
    await settle()
    answer = await holder.get("/v1/models")
    assert "1 requests under way" in refused(answer, 429, "rate_limit_exceeded", None)
    assert answer.headers["x-ratelimit-remaining-concurrent"] == "0"
    assert answer.headers["retry-after"] == "1"
    locked.system.journal.free()
    await call.done
    assert call.status == 200
    assert (await holder.get("/v1/models")).status_code == 200


async def test_workers_are_claimed_for_the_key_that_asks(locked: LockedDoor) -> None:
    stage, holder = locked.system.stage, locked.holder()
    await holder.start("c")
    line = {"input": "Hello there.", "voice": "alloy", "response_format": "pcm"}
    assert (await holder.speak("c")).is_success
    assert (await holder.post("/v1/audio/speech", line)).is_success
    assert (await holder.post("/v1/audio/speech", line, X_Conversation_ID="c")).is_success
    assert len(stage.claims) >= 3
    everything = [*stage.claims, *(claim for claim, _ in stage.admitted)]
    assert {claim.key_id for claim in everything} == {holder.key.id}


# Pages of other origins.


async def test_pages_of_elsewhere_may_not_call_unless_a_setting_says_so(tmp_path: Path) -> None:
    asks = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    closed = Door()
    answer = await closed.client.get("/health", headers=asks)
    assert "access-control-allow-origin" not in answer.headers
    opened = LockedDoor(tmp_path, allow_origins="https://a.example, https://b.example")
    answer = await opened.client.options("/v1/conversation/start", headers=asks)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://a.example"
    asks["Origin"] = "https://c.example"
    answer = await opened.client.options("/v1/conversation/start", headers=asks)
    assert "access-control-allow-origin" not in answer.headers
    answer = await opened.client.get("/v1/models", headers={"Origin": "https://b.example"})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == "https://b.example"


# What is logged.


async def test_a_request_is_logged_by_its_ids_and_nothing_else(
    locked: LockedDoor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway.logs")
    holder = locked.holder()
    await holder.start("c")
    caplog.clear()
    await holder.speak("c", text="Never to be logged.")
    (record,) = caplog.records
    told = vars(record)
    assert (told["key_id"], told["conversation_id"], told["turn_id"]) == (holder.key.id, "c", "t1")
    assert (told["method"], told["status"], told["route"]) == ("POST", 200, f"{C}/speak")
    assert told["request_id"]
    assert told["duration_ms"] >= 0
    caplog.clear()
    await holder.get("/v1/conversation/c/turns", after="7", hidden="in-the-query")
    await locked.client.get("/v1/nothing", headers={"xi-api-key": holder.token})
    told_all = json.dumps([vars(record) for record in caplog.records], default=str)
    for hidden in ("in-the-query", holder.token, "Never", "nothing"):
        assert hidden not in told_all


async def test_who_is_refused_for_asking_too_often_is_named_in_the_log(
    locked: LockedDoor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway.logs")
    holder = locked.holder(requests_per_minute=1)
    await holder.get("/v1/models")
    await holder.get("/v1/models")
    assert [vars(record)["status"] for record in caplog.records] == [200, 429]
    assert {vars(record)["key_id"] for record in caplog.records} == {holder.key.id}
