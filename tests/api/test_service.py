"""How the server tells about itself, and what it says when something breaks."""

import logging

import jsonschema  # type: ignore[import-untyped]
import pytest
from prometheus_client.parser import text_string_to_metric_families

from actors.directory import ProcessDied
from actors.engines.voices import OPENAI_VOICES
from events.log import LogUnavailable
from tests.api.door import TEXT, Door, refused

WORDS = "Nobody else must ever read this"


async def test_it_is_alive_whatever_happens(closed: Door) -> None:
    await closed.system.journal.close()
    closed.system.failure = ProcessDied("directory")
    answer = await closed.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "healthy"})


async def test_it_is_ready_when_the_log_is_open_and_somebody_answers(door: Door) -> None:
    answer = await door.get("/ready")
    assert answer.json() == {"status": "ready", "engine": "scripted", "log_position": 4}


async def test_it_is_not_ready_without_its_processes_or_its_log(closed: Door) -> None:
    closed.system.failure = ProcessDied("directory")
    refused(await closed.get("/ready"), 503, "not_ready", None)
    closed.system.failure = None
    await closed.system.journal.close()
    refused(await closed.get("/ready"), 503, "not_ready", None)


async def test_metrics_count_by_route_and_name_nobody(door: Door) -> None:
    await door.speak()
    await door.get("/v1/conversation/c/turns/t1")
    await door.get("/v2/nothing")
    page = (await door.get("/metrics")).text
    counted = {
        (sample.labels["route"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == "colloquy_requests_total"
    }
    assert counted["/v1/conversation/{conversation_id}/speak", "200"] == 1
    assert counted["/v1/conversation/{conversation_id}/turns/{turn_id}", "200"] == 1
    assert ("none", "404") in counted
    assert "colloquy_first_audio_seconds_count 1.0" in page
    assert "colloquy_sound_seconds_total" in page
    for word in ("ann", "t1", "first sentence"):
        assert word not in page


async def test_the_log_is_verified_on_demand(door: Door) -> None:
    await door.speak()
    outcome = (await door.get("/v1/log/verify")).json()
    assert outcome["content"] is True
    assert (outcome["events"], outcome["conversations"], outcome["damages"]) == (6, 1, [])


async def test_models_and_voices_are_listed_as_clients_look_for_them(closed: Door) -> None:
    models = (await closed.get("/v1/models")).json()
    assert {"tts-1", "tts-1-hd", "gpt-4o-mini-tts"} <= {m["id"] for m in models["data"]}
    assert (await closed.get("/v1/models/tts-1")).json() == models["data"][3]
    voices = (await closed.get("/v1/audio/voices")).json()
    assert voices["voices"] == voices["data"]
    names = {voice["id"] for voice in voices["voices"]}
    assert names == {v.id for v in closed.system.voice_list} | set(OPENAI_VOICES)
    assert all(voice["name"] for voice in voices["voices"])
    assert (await closed.get("/v1/audio/models")).json()["models"]
    for name in OPENAI_VOICES:
        body = {"input": "Hi.", "voice": name, "response_format": "pcm"}
        assert (await closed.post("/v1/audio/speech", body)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/health", "/ready", "/metrics", "/", "/docs", "/openapi.json", "/v1/models"),
        *("/v1/conversation/c", "/v1/conversation/c/turns/t1/audio", "/v1/conversation/nobody"),
    ],
)
async def test_head_is_answered_as_get_without_the_body(door: Door, path: str) -> None:
    await door.speak()
    head, whole = await door.client.head(path), await door.get(path)
    assert head.content == b""
    assert head.status_code == whole.status_code
    varying = {"x-request-id"} | ({"content-length"} if path == "/metrics" else set())
    for name in set(whole.headers) - varying:
        assert head.headers[name] == whole.headers[name]


async def test_head_of_what_cannot_be_got_is_refused(door: Door) -> None:
    assert (await door.client.head("/v1/conversation/c/speak")).status_code == 405


async def test_every_answer_has_an_id_and_keeps_the_callers(closed: Door) -> None:
    given = await closed.client.get("/health", headers={"X-Request-ID": "mine-1"})
    assert given.headers["x-request-id"] == "mine-1"
    made = [(await closed.get("/health")).headers["x-request-id"] for _ in range(2)]
    assert len(set(made)) == 2
    forged = await closed.client.get("/health", headers={"X-Request-ID": "x" * 200})
    assert len(forged.headers["x-request-id"]) < 200


async def test_an_unexpected_error_tells_no_more_than_that(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    door.system.journal.verify_failures.append(RuntimeError(WORDS))
    caplog.set_level(logging.DEBUG)
    answer = await door.client.get("/v1/log/verify", headers={"X-Request-ID": "mine-2"})
    message = refused(answer, 500, "internal", None)
    assert answer.headers["x-request-id"] == "mine-2"
    assert WORDS not in message
    assert WORDS not in caplog.text
    assert "mine-2 ended with RuntimeError" in caplog.text
    assert "in verify" in caplog.text, "where it arose"


async def test_no_spoken_word_is_logged_whatever_goes_wrong(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for failure in (ValueError(WORDS), OSError(WORDS)):
        door.system.audio.failures.append(failure)
        call = door.calls_to_speak(text=f"{WORDS}. {TEXT}")
        await call.done
        assert not call.whole
    assert (await door.speak(text=f"{WORDS}. {TEXT}")).status_code == 200
    await door.speak(text=f"{WORDS} in other words.")
    assert "ended with" in caplog.text
    assert WORDS not in caplog.text


@pytest.mark.parametrize(
    "failure", [LogUnavailable(WORDS), ProcessDied(WORDS)], ids=lambda f: type(f).__name__
)
async def test_what_is_out_of_order_for_a_moment_says_so(door: Door, failure: Exception) -> None:
    door.system.journal.verify_failures.append(failure)
    answer = await door.get("/v1/log/verify")
    message = refused(answer, 503, "unavailable", None)
    assert answer.headers["retry-after"] == "1"
    assert "nothing is lost" in message
    assert WORDS not in message


async def test_a_full_disk_loses_nothing_that_was_promised(door: Door) -> None:
    door.system.journal.mishaps.append("disk full")
    refused(await door.listen(), 503, "unavailable", None)
    assert len(door.events()) == 4
    assert (await door.listen()).status_code == 200
    assert door.events()[-1] == "turn_heard"


async def test_the_front_page_leads_to_the_documentation(closed: Door) -> None:
    answer = await closed.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert "/docs" in answer.text
    assert (await closed.get("/docs")).status_code == 200


ROUTES = {
    "/v1/conversation/start": {"post"},
    "/v1/conversation/{conversation_id}": {"get"},
    "/v1/conversation/{conversation_id}/speak": {"post"},
    "/v1/conversation/{conversation_id}/listen": {"post"},
    "/v1/conversation/{conversation_id}/turns": {"get"},
    "/v1/conversation/{conversation_id}/turns/{turn_id}": {"get"},
    "/v1/conversation/{conversation_id}/turns/{turn_id}/audio": {"get"},
    "/v1/conversation/{conversation_id}/turns/{turn_id}/interrupt": {"post"},
    "/v1/conversation/{conversation_id}/events": {"get"},
    "/v1/conversation/{conversation_id}/fork": {"post"},
    "/v1/conversation/{conversation_id}/end": {"post"},
    "/v1/conversations": {"get"},
    "/v1/audio/speech": {"post"},
    "/v1/audio/voices": {"get"},
    "/v1/models": {"get"},
    "/v1/models/{model}": {"get"},
    "/health": {"get"},
    "/ready": {"get"},
    "/metrics": {"get"},
}


async def test_the_served_document_lists_every_call(closed: Door) -> None:
    document = (await closed.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.")
    for path, methods in ROUTES.items():
        assert methods <= set(document["paths"][path]), path
    names = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    ]
    assert len(names) == len(set(names))


async def test_the_served_document_is_true_of_what_is_sent_and_answered(door: Door) -> None:
    document = (await door.get("/openapi.json")).json()

    def check(name: str, value: object) -> None:
        reference = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        validator = jsonschema.Draft202012Validator(reference)
        validator.check_schema(reference)
        validator.validate(value)

    await door.speak()
    people = ["ann", {"id": "bob", "role": "human", "voice": "af_sky"}]
    check("StartIn", {"participants": people})
    check("SpeechIn", {"input": "Hi.", "voice": {"id": "af_sky"}})
    check("SpeechIn", {"input": "Hi.", "voice": "alloy"})
    check("StateOut", (await door.get("/v1/conversation/c")).json())
    check("TurnOut", (await door.get("/v1/conversation/c/turns/t1")).json())
    check("Events", (await door.get("/v1/conversation/c/events")).json())
    check("StartOut", (await door.start()).json())
    check("ErrorOut", (await door.get("/v1/conversation/nobody")).json())


async def test_the_served_document_says_what_an_error_looks_like(closed: Door) -> None:
    document = (await closed.get("/openapi.json")).json()
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorOut"}}}
    for path in document["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            assert "422" not in answers
            assert [answers[kind]["content"] for kind in ("4XX", "5XX")] == [error, error]
