"""The live connection on real sockets, to callers who do not do what they should."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from gateway import connections
from gateway.connections import WAITING_BYTES
from gateway.live import peer
from gateway.live.frames import LONGEST
from tests.api.door import Door
from tests.api.lines import AT_LAST_S, Line, listening
from tests.api.strangers import Stranger
from tests.fakes.clock import settle

SOON_S = 0.2
"""What the tests set limits to that are seconds in earnest."""
PATH = "/v1/conversation/c/stream"
TEXT = "Well, this is said to somebody who perhaps does not listen at all. " * 7
"""9 s of sound."""


@pytest.fixture
async def line(door: Door) -> AsyncIterator[Line]:
    async with listening(door.app) as line:
        yield line


def speak(stranger: Stranger, turn_id: str = "t1", text: str = TEXT) -> None:
    stranger.say("turn.begin", turn_id=turn_id, speaker_id="ann", text=text)
    stranger.say("turn.end", turn_id=turn_id)


async def until_nobody_is_served(line: Line) -> None:
    async with asyncio.timeout(AT_LAST_S):
        while line.server.server_state.tasks:  # noqa: ASYNC110  (uvicorn tells nobody)
            await asyncio.sleep(0.01)


def waiting_bytes(line: Line) -> int:
    """The most that waits for anybody."""
    connected = line.server.server_state.connections
    return max((c.transport.get_write_buffer_size() for c in connected), default=0)


async def test_who_never_reads_has_little_waiting_and_is_sent_away_with_a_reason(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer, "SEND_WITHIN_S", SOON_S)
    stranger = await Stranger.connect(line, PATH)
    speak(stranger)
    await until_nobody_is_served(line)
    assert 0 < waiting_bytes(line) < WAITING_BYTES + 4 * LONGEST
    code, reason = await stranger.read_on()
    assert (code, reason) == (1008, f"nothing was read for {SOON_S:g} s; connect again and resume")
    assert len(stranger.pcm("t1")) < 200_000


async def test_who_reads_slowly_holds_up_nobody_and_hears_all(line: Line, door: Door) -> None:
    slow, quick = [await Stranger.connect(line, PATH) for _ in range(2)]
    speak(slow, "slow")
    speak(quick, "quick")
    await quick.read("turn.completed", turn_id="quick")
    assert len(slow.frames) == 0
    await slow.read("turn.completed", turn_id="slow")
    for stranger, turn_id in ((slow, "slow"), (quick, "quick")):
        recorded = await door.get(f"/v1/conversation/c/turns/{turn_id}/audio", format="pcm")
        assert stranger.pcm(turn_id) == recorded.content
        stranger.vanish()


async def test_who_is_not_there_any_more_is_found_out(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PING_EVERY_S", SOON_S)
    monkeypatch.setattr(connections, "PONG_WITHIN_S", SOON_S)
    async with listening(door.app) as line:
        there = await Stranger.connect(line, PATH)
        gone = await Stranger.connect(line, PATH, pongs=False)
        reading = asyncio.create_task(there.read("never"))
        code, reason = await gone.read_on()
        assert code == 1011
        assert "ping" in (reason or "")
        assert not reading.done()
        reading.cancel()
        there.vanish()


async def test_a_thousand_who_come_and_go_leave_nothing_behind(line: Line, door: Door) -> None:
    async def come_and_go(number: int) -> None:
        stranger = await Stranger.connect(line, PATH)
        if number % 20 == 0:
            speak(stranger, f"t{number}", "Well, yes.")
        stranger.vanish()

    await come_and_go(1)
    await until_nobody_is_served(line)
    tasks, files = len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))
    for begin in range(0, 1000, 50):
        await asyncio.gather(*(come_and_go(number) for number in range(begin, begin + 50)))
    await until_nobody_is_served(line)
    door.app.state.lingering.close()
    await settle()
    assert len(asyncio.all_tasks()) <= tasks
    assert len(os.listdir("/proc/self/fd")) <= files
    assert not line.server.server_state.connections


async def test_whatever_is_said_wrongly_the_record_stays_true(line: Line, door: Door) -> None:
    stranger = await Stranger.connect(line, PATH)
    stranger.say("turn.begin", turn_id="never", speaker_id="ann", text="… — !")
    for _ in range(100):
        stranger.say("turn.text", turn_id="never", text=" … ?! ")
    stranger.say("turn.text", turn_id="never", text="x" * 1_000_000)
    stranger.say("turn.end", turn_id="never")
    refused = await stranger.read("error", turn_id="never")
    assert refused["error"]["code"] == "text_too_long"
    failed = await stranger.read("turn.failed", turn_id="never")
    assert failed["error"]["code"] == "unspeakable_text"

    speak(stranger, "t1", "Well, this is true.")
    await stranger.read("turn.completed", turn_id="t1")
    speak(stranger, "t1", "Well, this is not.")
    failed = await stranger.read("turn.failed", turn_id="t1")
    assert failed["error"]["code"] == "turn_id_conflict"
    stranger.say("turn.interrupt", turn_id="unknown", audio_played_ms=1)
    unknown = await stranger.read("error", turn_id="unknown")
    assert unknown["error"]["code"] == "turn_not_found"

    stranger.say("turn.interrupt", turn_id="t1", audio_played_ms=86_400_000)
    cut = await stranger.read("turn.interrupted", turn_id="t1")
    assert cut["audio_played_ms"] == round(len(stranger.pcm("t1")) / 48)
    assert (cut["heard_text"], cut["unheard_text"]) == ("Well, this is true.", "")
    turns = (await door.get("/v1/conversation/c/turns")).json()["data"]
    assert [(turn["turn_id"], turn["text"]) for turn in turns] == [("t1", "Well, this is true.")]
    stranger.vanish()
