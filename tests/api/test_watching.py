"""What Prometheus is told of known turns."""

import asyncio
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from actors.directory import ProcessDied
from events.log import StaleEpoch
from gateway import watching
from tests.api.door import TEXT, Door
from tests.api.test_feed import Listener
from tests.api.test_listening import listen
from tests.api.test_live import connect
from tests.fakes.clock import settle
from tests.fakes.http import Call
from tests.fixtures.sounds import file, voiced

WORD = "Persephone"
STREAM = "/v1/conversation/{conversation_id}/stream"


async def told(door: Door) -> dict[str, float]:
    """Every figure, by its name as in the page: `colloquy_turns_total{kind="spoken"}`."""
    page = (await door.get("/metrics")).text
    figures = [line.rpartition(" ") for line in page.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in figures}


async def test_a_spoken_turn_is_counted_where_it_happens(door: Door) -> None:
    pcm = (await door.speak()).content
    figures = await told(door)
    assert figures['colloquy_turns_total{kind="spoken"}'] == 1
    assert figures['colloquy_turns_total{kind="heard"}'] == 0
    assert figures["colloquy_turns_completed_total"] == 1
    assert figures["colloquy_interruptions_total"] == figures["colloquy_streams_left_total"] == 0
    assert figures["colloquy_first_audio_seconds_count"] == 1
    assert figures["colloquy_sound_seconds_total"] == pytest.approx(len(pcm) / 48_000, abs=0.001)
    assert figures["colloquy_append_seconds_count"] == len(door.system.journal.calls)
    assert figures["colloquy_conversations_awake"] == figures["colloquy_conversations_woken_total"]
    assert figures["colloquy_conversations_awake"] == 1


async def test_a_turn_from_the_record_is_sound_but_no_turn(door: Door) -> None:
    once = await told(door)
    await door.speak()
    await door.speak()
    twice = await told(door)
    assert twice['colloquy_turns_total{kind="spoken"}'] == 1
    assert twice["colloquy_first_audio_seconds_count"] == 1
    assert once["colloquy_conversations_started_total"] == 1


async def test_who_leaves_early_is_an_interruption(door: Door) -> None:
    call = door.calls_to_speak(text=f"{TEXT} " * 5)
    await call.bytes_arrived()
    await call.hang_up()
    figures = await told(door)
    assert figures["colloquy_streams_left_total"] == 1
    assert figures["colloquy_interruptions_total"] == 1


async def test_a_fork_brings_no_turns_of_its_own(door: Door) -> None:
    await door.speak()
    forked = await door.post("/v1/conversation/c/fork", {"conversation_id": "d"})
    assert forked.status_code == 201
    figures = await told(door)
    assert figures['colloquy_turns_total{kind="spoken"}'] == 1
    assert figures["colloquy_conversations_started_total"] == 1


async def test_what_could_not_be_written_is_told(door: Door) -> None:
    stale = replace(door.system.journal.calls[0][0], command_id="another", epoch=0)
    with pytest.raises(StaleEpoch):
        await door.system.journal.append([stale])
    assert (await told(door))["colloquy_append_failures_total"] == 1


async def test_errors_are_counted_by_the_code_that_was_told(door: Door) -> None:
    await door.get("/v1/conversation/nobody")
    await door.get("/v2/nothing")
    await door.post("/v1/conversation/start", {"participants": 7})
    await door.client.post("/v1/conversation/start", content=b"{", headers=JSON)
    door.system.journal.verify_failures.append(RuntimeError(WORD))
    await door.get("/v1/log/verify")
    figures = await told(door)
    for code in (
        "conversation_not_found",
        "not_found",
        "invalid_value",
        "invalid_json",
        "internal",
    ):
        assert figures[f'colloquy_errors_total{{code="{code}"}}'] == 1, code


JSON = {"Content-Type": "application/json"}


async def test_live_connections_and_their_errors_are_counted(door: Door) -> None:
    call = await connect(door)
    call.say("turn.text", turn_id="unknown", text=WORD)
    await call.hear("error")
    figures = await told(door)
    assert figures[f'colloquy_connections_open{{route="{STREAM}"}}'] == 1
    assert figures['colloquy_errors_total{code="turn_not_found"}'] == 1
    await call.hang_up()
    figures = await told(door)
    assert figures[f'colloquy_connections_open{{route="{STREAM}"}}'] == 0
    assert figures[f'colloquy_requests_total{{route="{STREAM}",status="101"}}'] == 1


async def test_readers_of_the_feed_are_counted_while_they_read(door: Door) -> None:
    reader = Listener(door)
    await reader.heard(1)
    assert (await told(door))["colloquy_feed_readers"] == 1
    await reader.call.hang_up()
    assert (await told(door))["colloquy_feed_readers"] == 0


async def test_files_of_sound_are_counted_and_measured() -> None:
    sound = file("wav", voiced(150, 0.5))
    door = Door(max_body_mb=3)
    async with door.client:
        await door.start()
        assert (await listen(door, sound)).status_code == 200
        figures = await told(door)
    assert figures["colloquy_upload_seconds_count"] == 1
    assert figures["colloquy_upload_bytes_total"] == len(sound)
    assert figures['colloquy_turns_total{kind="heard"}'] == 1


async def test_whoever_is_dead_keeps_nobody_from_telling(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    await door.speak()
    monkeypatch.setattr(watching, "ANSWERS_WITHIN_S", 0.01)
    door.system.failure = ProcessDied(WORD)
    dead = await told(door)
    door.system.failure = None
    door.system.answering.clear()
    silent = await told(door)
    door.system.answering.set()
    back = await told(door)
    for figures, failed in ((dead, 1), (silent, 1), (back, 0)):
        assert figures["colloquy_first_audio_seconds_count"] == 1
        for source in watching.SOURCES:
            assert figures[f'colloquy_scrape_failed{{source="{source}"}}'] == failed
        assert ("colloquy_phrases_waiting" in figures) == (not failed)


async def test_no_label_grows_and_no_word_or_id_is_told(door: Door) -> None:
    async def some_of_everything(number: int) -> None:
        name = f"{WORD}-{number}"
        headers = {"X-Request-ID": name, "User-Agent": name}
        await door.start(conversation_id=name, metadata={"said": name})
        await door.speak(turn_id=name, text=f"{name} comes.")
        await door.listen(turn_id=name, text=f"{name} goes.", speaker_id=name)
        await door.get(f"/v1/conversation/{name}/turns/{name}", said=name)
        await door.client.get(f"/{name}", headers=headers)
        await Call(door.app, "GET", f"/v1/conversation/{name}/nothing", body=b"").done

    await some_of_everything(0)
    await told(door)  # which is a request, too
    once = await told(door)
    for number in range(1, 4):
        await some_of_everything(number)
    often = await told(door)
    assert set(once) == set(often)
    assert not [name for name in often if WORD in name or "new-" in name]


async def test_a_page_can_be_asked_for_by_several_at_once(door: Door) -> None:
    pages = await asyncio.gather(*(door.get("/metrics") for _ in range(5)))
    await settle(1)
    for page in pages:
        families = [family.name for family in text_string_to_metric_families(page.text)]
        assert len(families) == len(set(families))
