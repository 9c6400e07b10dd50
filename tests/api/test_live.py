"""The live connection, through the door."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from actors.refusals import Busy
from gateway.live import lingering, peer, session
from tests.api.door import MAX_TEXT, Door
from tests.fakes import LocalStage, Take
from tests.fakes.clock import VirtualLoop, settle
from tests.fakes.socket import LiveCall
from tests.fixtures.sounds import file, voiced

TEXT = "Well, this is the first sentence of some. Here is another one, longer than the first. Bye!"
LONG = (TEXT + " ") * 5
PATH = "/v1/conversation/c/stream"


@pytest.fixture
async def call(door: Door) -> AsyncIterator[LiveCall]:
    connected = await connect(door)
    yield connected
    if not connected.done.done():
        await connected.hang_up()


async def connect(door: Door) -> LiveCall:
    call = LiveCall(door.app, PATH)
    await call.hear("ready", conversation_id="c", sample_rate=24_000)
    return call


async def opened(*takes: Take) -> tuple[Door, LiveCall]:
    door = Door(LocalStage(*takes))
    await door.start()
    return door, await connect(door)


def begin(call: LiveCall, turn_id: str = "t1", **more: object) -> None:
    call.say("turn.begin", turn_id=turn_id, **{"speaker_id": "ann", **more})


def dictate(call: LiveCall, text: str = TEXT, turn_id: str = "t1", **more: object) -> None:
    """A whole turn, word by word."""
    begin(call, turn_id, **more)
    for word in text.split(" "):
        call.say("turn.text", turn_id=turn_id, text=f"{word} ")
    call.say("turn.end", turn_id=turn_id)


async def test_words_go_in_one_by_one_and_sound_comes_out(door: Door, call: LiveCall) -> None:
    dictate(call)
    begun = await call.hear("turn.begun", turn_id="t1")
    assert (begun["turn"], begun["status"], begun["sample"]) == (1, "begun", 0)
    completed = await call.hear("turn.completed", turn_id="t1")
    pcm = call.pcm("t1")
    assert completed["samples"] == len(pcm) // 2
    assert call.words("t1") == TEXT.split()
    recorded = (await door.get("/v1/conversation/c/turns/t1")).json()
    assert (recorded["status"], recorded["text"].strip()) == ("completed", TEXT)
    audio = await door.get("/v1/conversation/c/turns/t1/audio", format="pcm")
    assert audio.content == pcm
    assert len(recorded["direction"]["phrases"]) >= 3


async def test_frames_last_20_to_100_ms(call: LiveCall) -> None:
    dictate(call)
    await call.hear("turn.completed", turn_id="t1")
    lengths_ms = [len(frame.pcm) / 48 for frame in call.frames]
    assert max(lengths_ms) <= 100
    assert min(lengths_ms[:-1]) >= 20


async def test_sound_leaves_with_the_first_clause(door: Door, call: LiveCall) -> None:
    begin(call)
    call.say("turn.text", turn_id="t1", text="Well, th")
    await call.until(lambda: bool(call.frames))
    assert door.events()[-1] == "turn_begun"
    assert call.words("t1") == ["Well,"]


async def test_turns_wait_for_one_another(door: Door, call: LiveCall) -> None:
    for number in (1, 2, 3):
        dictate(call, f"This is number {number}.", f"t{number}")
    await call.hear("turn.completed", turn_id="t3")
    kinds = [(m["type"], m.get("turn_id")) for m in call.told if m["type"] != "turn.words"][1:]
    ends = [[("turn.begun", f"t{n}"), ("turn.completed", f"t{n}")] for n in (1, 2, 3)]
    assert kinds == [kind for end in ends for kind in end]
    turns = (await door.get("/v1/conversation/c/turns")).json()["data"]
    assert [turn["turn_id"] for turn in turns] == ["t1", "t2", "t3"]


async def test_an_interruption_stops_the_sound_and_says_what_was_heard() -> None:
    door, call = await opened(Take(), Take(waits_after=3))
    dictate(call)
    await call.until(lambda: len(call.pcm("t1")) > 20_000)
    words = [w for m in call.told if m["type"] == "turn.words" for w in m["words"]]
    played_ms = round((words[1]["start_s"] + words[1]["end_s"]) * 500)
    call.say("turn.interrupt", turn_id="t1", audio_played_ms=played_ms, by="bob")
    cut = await call.hear("turn.interrupted", turn_id="t1")
    assert (cut["heard_text"], cut["cut_word"]) == ("Well,", "this")
    assert f"{cut['heard_text']} {cut['unheard_text']}" == TEXT
    assert cut["audio_played_ms"] == played_ms
    sent = len(call.frames)
    assert door.system.stage.stopped == 1
    call.say("turn.interrupt", turn_id="t1", audio_played_ms=1, by="bob")
    await call.until(lambda: call.told.count(cut) == 2)
    assert len(call.frames) == sent
    state = (await door.get("/v1/conversation/c")).json()
    assert state["turns"][-1]["heard_text"] == "Well,"
    await call.hang_up()


async def test_no_frame_follows_an_interruption_also_where_the_caller_read_slowly() -> None:
    _, call = await opened(Take())
    dictate(call)
    await call.until(lambda: bool(call.frames))
    call.stop_reading()
    call.say("turn.interrupt", turn_id="t1", audio_played_ms=10)
    await settle()
    call.read_on()
    sent = len(call.frames)
    await call.hear("turn.interrupted", turn_id="t1")
    await settle()
    assert len(call.frames) == sent
    await call.hang_up()


async def test_an_interruption_is_read_although_there_is_much_to_send(call: LiveCall) -> None:
    dictate(call, LONG)
    await call.until(lambda: bool(call.frames))
    call.say("turn.interrupt", turn_id="t1", audio_played_ms=10)
    cut = await call.hear("turn.interrupted", turn_id="t1")
    assert cut["unheard_text"]
    assert len(call.pcm("t1")) < 48_000  # of 9 s that could have been sent


def test_sound_is_sent_only_so_far_ahead_of_its_playing_as_is_asked() -> None:
    async def paced() -> None:
        _, call = await opened()
        loop = asyncio.get_running_loop()
        dictate(call, LONG, ahead_ms=500)
        await call.until(lambda: bool(call.frames))
        began = loop.time()
        await call.hear("turn.completed", turn_id="t1")
        ahead_s = len(call.pcm("t1")) / 48_000 - (loop.time() - began)
        assert 0.5 <= ahead_s <= 0.6 + 1e-6  # with the frame that is on its way
        await call.hang_up()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(paced())


async def test_more_cannot_have_been_played_than_was_sent() -> None:
    _, call = await opened(Take(), Take(waits_after=0))
    dictate(call)
    await call.until(lambda: bool(call.frames))
    await settle()
    call.say("turn.interrupt", turn_id="t1", audio_played_ms=86_400_000)
    cut = await call.hear("turn.interrupted", turn_id="t1")
    assert cut["audio_played_ms"] == round(len(call.pcm("t1")) / 48)
    assert cut["heard_text"] == "Well,"
    await call.hang_up()


async def test_an_interruption_silences_what_follows_too() -> None:
    door, call = await opened(Take(), Take(waits_after=1))
    dictate(call)
    dictate(call, "Never said.", "t2")
    await call.until(lambda: bool(call.frames))
    call.say("turn.interrupt", turn_id="t1", audio_played_ms=0)
    dropped = await call.hear("turn.interrupted", turn_id="t2")
    assert (dropped["turn"], dropped["heard_text"]) == (None, "")
    assert dropped["unheard_text"] == "Never said."
    dictate(call, "But this is.", "t3")
    await call.hear("turn.completed", turn_id="t3")
    turns = (await door.get("/v1/conversation/c/turns")).json()["data"]
    assert [turn["turn_id"] for turn in turns] == ["t1", "t3"]
    await call.hang_up()


async def test_what_was_sent_after_the_turn_that_was_cut_was_not_heard(
    door: Door, call: LiveCall
) -> None:
    dictate(call)
    dictate(call, "Sent, but not played.", "t2")
    await call.hear("turn.completed", turn_id="t2")
    call.say("turn.interrupt", turn_id="t1", audio_played_ms=300)
    later = await call.hear("turn.interrupted", turn_id="t2")
    assert later["heard_text"] == ""
    turns = (await door.get("/v1/conversation/c/turns")).json()["data"]
    assert [turn["status"] for turn in turns] == ["interrupted", "interrupted"]


async def test_a_barge_in_before_the_first_clause_records_nothing(
    door: Door, call: LiveCall
) -> None:
    begin(call, text="Wel")
    await settle()
    call.say("turn.interrupt", turn_id="t1", audio_played_ms=0)
    cut = await call.hear("turn.interrupted", turn_id="t1")
    assert (cut["turn"], cut["unheard_text"]) == (None, "Wel")
    assert "turn_begun" not in door.events()


async def test_a_lost_connection_is_resumed_where_it_was() -> None:
    held_back = Take(waits_after=3)
    door, call = await opened(Take(), held_back)
    begin(call, text=TEXT[:60])
    await call.until(lambda: len(call.pcm("t1")) > 20_000)
    await call.hang_up()
    held = call.pcm("t1")
    again = await connect(door)
    begin(again, sample=len(held) // 2, text=TEXT)
    again.say("turn.end", turn_id="t1")
    await settle()
    held_back.go_on.set()
    await again.hear("turn.completed", turn_id="t1")
    audio = await door.get("/v1/conversation/c/turns/t1/audio", format="pcm")
    assert held + again.pcm("t1") == audio.content
    await again.hang_up()
    assert door.events().count("turn_begun") == 1


async def test_a_turn_that_was_completed_meanwhile_is_resumed_from_the_record(door: Door) -> None:
    first = await connect(door)
    dictate(first)
    await first.hear("turn.completed", turn_id="t1")
    await first.hang_up()
    asked = len(door.system.stage.asked)
    again = await connect(door)
    begin(again, sample=30_000, text=TEXT + " ")
    again.say("turn.end", turn_id="t1")
    await again.hear("turn.completed", turn_id="t1")
    assert again.pcm("t1") == first.pcm("t1")[60_000:]
    assert len(door.system.stage.asked) == asked
    await again.hang_up()


async def test_a_connection_that_does_not_come_back_is_an_interruption(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    door, call = await opened(Take(), Take(waits_after=3))
    monkeypatch.setattr(door.app.state.lingering, "_within_s", 0)
    begin(call, text=TEXT)
    await call.until(lambda: len(call.pcm("t1")) > 20_000)
    await call.hang_up()
    await settle(2000)
    turn = (await door.get("/v1/conversation/c/turns/t1")).json()
    assert turn["status"] == "interrupted"
    assert turn["duration_s"] == pytest.approx(len(call.pcm("t1")) / 48_000, abs=0.001)
    assert door.system.stage.stopped == 1


async def test_a_loss_that_is_noticed_in_sending_is_no_departure_yet() -> None:
    held_back = Take(waits_after=3)
    door, call = await opened(Take(), held_back)
    begin(call, text=TEXT + " ")
    await call.until(lambda: len(call.pcm("t1")) > 20_000)
    held_back.go_on.set()
    await call.break_off()
    await settle(2000)
    again = await connect(door)
    begin(again, sample=len(call.pcm("t1")) // 2, text=TEXT + " ")
    again.say("turn.end", turn_id="t1")
    await again.hear("turn.completed", turn_id="t1")
    audio = await door.get("/v1/conversation/c/turns/t1/audio", format="pcm")
    assert call.pcm("t1") + again.pcm("t1") == audio.content
    assert "turn_interrupted" not in door.events()
    await again.hang_up()


async def test_an_interruption_is_recorded_although_its_caller_hangs_up() -> None:
    door, call = await opened(Take(), Take(waits_after=3))
    dictate(call)
    await call.until(lambda: bool(call.frames))
    call.say("turn.interrupt", turn_id="t1", audio_played_ms=100)
    call.say("turn.heard", speaker_id="bob", text="Stop!", turn_id="h1")
    await call.hang_up()
    turns = (await door.get("/v1/conversation/c/turns")).json()["data"]
    assert [(t["turn_id"], t["status"]) for t in turns] == [
        ("t1", "interrupted"),
        ("h1", "completed"),
    ]


async def test_whoever_dies_meanwhile_the_turn_goes_on(door: Door, call: LiveCall) -> None:
    begin(call, text=TEXT[:60])
    await call.until(lambda: len(call.words("t1")) >= 2)
    await settle()
    for process in door.system.processes:
        process.kill()
    call.say("turn.text", turn_id="t1", text=TEXT[60:])
    call.say("turn.end", turn_id="t1")
    await call.hear("turn.completed", turn_id="t1")
    assert call.words("t1") == TEXT.split()
    audio = await door.get("/v1/conversation/c/turns/t1/audio", format="pcm")
    assert call.pcm("t1") == audio.content


async def test_what_others_say_is_recorded(door: Door, call: LiveCall) -> None:
    call.say("turn.heard", speaker_id="bob", text="What time is it?", turn_id="h1")
    recorded = await call.hear("turn.recorded", turn_id="h1")
    assert (recorded["turn"], recorded["act"]) == (1, "wh_question")
    assert door.events()[-1] == "turn_heard"


async def test_a_heard_turn_may_come_with_its_sound_in_frames() -> None:
    sound = file("wav", voiced(150, 1.2))
    door = Door(max_body_mb=1)
    await door.start()
    call = await connect(door)
    said = {"speaker_id": "bob", "text": "What a lovely garden.", "turn_id": "h1"}
    call.say("turn.heard", **said, audio_bytes=len(sound))
    call.say("turn.heard", **{**said, "turn_id": "h2"}, audio_bytes=1)
    for begin_at in range(0, len(sound), 4000):
        call.send(sound[begin_at : begin_at + 4000])
    recorded = await call.hear("turn.recorded", turn_id="h1")
    assert recorded["affect"]["category"] == "joy"
    assert door.system.ear.heard == [sound]
    errors = [m["error"]["code"] for m in call.told if m["type"] == "error"]
    assert errors == ["audio_expected"]
    await call.hang_up()


async def test_sound_that_is_not_what_was_announced_is_refused() -> None:
    door = Door(max_body_mb=1)
    await door.start()
    call = await connect(door)
    said = {"speaker_id": "bob", "text": "Hello.", "turn_id": "h1"}
    call.say("turn.heard", **said, audio_bytes=2_000_000)
    await call.until(lambda: len(call.told) == 2)
    call.say("turn.heard", **said, audio_bytes=3)
    call.send(b"four")
    await call.until(lambda: len(call.told) == 3)
    codes = [message["error"]["code"] for message in call.told[1:]]
    assert codes == ["request_too_large", "invalid_audio"]
    call.say("turn.heard", **said)
    await call.hear("turn.recorded", turn_id="h1")
    await call.hang_up()


async def test_a_ping_is_answered_while_a_turn_is_spoken() -> None:
    _, call = await opened(Take(waits_after=1))
    dictate(call)
    call.say("ping", id="7")
    await call.hear("pong", id="7")
    await call.hang_up()


ILLEGAL = [
    ("{", "invalid_json", None, "this is not JSON"),
    ("[]", "invalid_json", None, "a message is a JSON object"),
    ("[" * 5000, "invalid_json", None, "this is not JSON"),
    ({"type": "turn.sing"}, "unknown_type", "type", "`type` is none of turn.begin"),
    ({"speaker_id": "ann"}, "unknown_type", "type", "`type` is none of"),
    ({"type": "turn.begin", "speaker_id": "ann"}, "invalid_value", "turn_id", "Field required"),
    (
        {"type": "turn.begin", "speaker_id": "ann", "turn_id": "a b"},
        "invalid_value",
        "turn_id",
        "letters, digits",
    ),
    (
        {"type": "turn.begin", "speaker_id": "ann", "turn_id": "x", "speed": 9},
        "invalid_value",
        "speed",
        "less than or equal to 4",
    ),
    (
        {"type": "turn.begin", "speaker_id": "ann", "turn_id": "x", "sample": -1},
        "invalid_value",
        "sample",
        "greater than or equal to 0",
    ),
    ({"type": "turn.text", "turn_id": "x", "text": 3}, "invalid_value", "text", "valid string"),
    ({"type": "turn.text", "turn_id": "x", "text": "a"}, "turn_not_found", "turn_id", "turn.begin"),
    ({"type": "turn.end", "turn_id": "x"}, "turn_not_found", "turn_id", "turn.begin"),
    (
        {"type": "turn.interrupt", "turn_id": "x", "audio_played_ms": 0},
        "turn_not_found",
        "turn_id",
        "has no turn 'x'",
    ),
    (
        {"type": "turn.interrupt", "turn_id": "x", "audio_played_ms": "9"},
        "invalid_value",
        "audio_played_ms",
        "valid integer",
    ),
    (
        {"type": "turn.heard", "speaker_id": "eve", "text": "Hi"},
        "speaker_not_found",
        "speaker_id",
        "'eve'",
    ),
    (b"\x00\x01", "not_text", None, "no sound is expected"),
]


@pytest.mark.parametrize(("said", "code", "param", "sentence"), ILLEGAL)
async def test_every_illegal_message_has_its_own_sentence(
    call: LiveCall, said: object, code: str, param: str | None, sentence: str
) -> None:
    call.send(said if isinstance(said, str | bytes) else json.dumps(said))
    error = (await call.hear("error"))["error"]
    assert (error["code"], error["param"]) == (code, param)
    assert sentence in error["message"]
    dictate(call)
    await call.hear("turn.completed", turn_id="t1")


async def test_a_delta_of_a_megabyte_is_refused_and_the_turn_goes_on(call: LiveCall) -> None:
    begin(call, text="Well, ")
    call.say("turn.text", turn_id="t1", text="x" * 1_000_000)
    error = await call.hear("error", turn_id="t1")
    assert error["error"]["code"] == "text_too_long"
    for word in ("this ", "is it."):
        call.say("turn.text", turn_id="t1", text=word)
    call.say("turn.text", turn_id="t1", text="x" * MAX_TEXT)
    call.say("turn.end", turn_id="t1")
    await call.hear("turn.completed", turn_id="t1", text="Well, this is it.")


async def test_two_turns_of_one_name_are_one_and_a_refusal(call: LiveCall) -> None:
    begin(call, text="Well, ")
    begin(call, text="Other")
    error = await call.hear("error", turn_id="t1")
    assert error["error"]["code"] == "turn_in_use"
    call.say("turn.end", turn_id="t1")
    await call.hear("turn.completed", turn_id="t1")
    begin(call, text="Other words.")
    failed = await call.hear("turn.failed", turn_id="t1")
    assert failed["error"]["code"] == "turn_id_conflict"


async def test_text_for_a_turn_that_is_complete_or_over_is_refused(call: LiveCall) -> None:
    dictate(call)
    call.say("turn.text", turn_id="t1", text="More.")
    assert (await call.hear("error"))["error"]["code"] == "turn_ended"
    await call.hear("turn.completed", turn_id="t1")
    call.told.clear()
    call.say("turn.text", turn_id="t1", text="More.")
    assert (await call.hear("error"))["error"]["code"] == "turn_over"


async def test_text_that_leaves_a_gap_is_refused(call: LiveCall) -> None:
    begin(call, text="Well, ")
    call.say("turn.text", turn_id="t1", text="x", at=9)
    assert (await call.hear("error"))["error"]["code"] == "text_missing"
    call.say("turn.text", turn_id="t1", text="Well, yes.", at=0)
    call.say("turn.end", turn_id="t1")
    await call.hear("turn.completed", text="Well, yes.")


async def test_text_that_never_becomes_speakable_fails_the_turn(door: Door, call: LiveCall) -> None:
    dictate(call, "… — !")
    failed = await call.hear("turn.failed", turn_id="t1")
    assert failed["error"]["code"] == "unspeakable_text"
    dictate(call, "This does.", "t2")
    await call.hear("turn.completed", turn_id="t2")
    assert door.events().count("turn_begun") == 1


async def test_a_failure_is_told_and_the_turn_can_be_begun_again() -> None:
    door, call = await opened(Take(), Take(refusal=Busy(2)))
    dictate(call)
    failed = await call.hear("turn.failed", turn_id="t1")
    assert failed["error"]["code"] == "busy"
    sample = len(call.pcm("t1")) // 2
    dictate(call, sample=sample)
    await call.hear("turn.completed", turn_id="t1")
    audio = await door.get("/v1/conversation/c/turns/t1/audio", format="pcm")
    assert call.pcm("t1") == audio.content
    await call.hang_up()


async def test_too_many_turns_at_once_are_refused() -> None:
    _, call = await opened(Take(waits_after=1))
    for number in range(session.MOST_OPEN + 1):
        begin(call, f"t{number}", text="Well, ")
    error = await call.hear("error", turn_id=f"t{session.MOST_OPEN}")
    assert error["error"]["code"] == "too_many_turns"
    await call.hang_up()


async def test_who_never_reads_is_sent_away_with_a_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(peer, "SEND_WITHIN_S", 0.05)
    _, call = await opened()
    dictate(call)
    await call.until(lambda: bool(call.frames))
    call.stop_reading()
    for _ in range(session.MOST_AT_ONCE):
        call.say("ping")
    await asyncio.wait_for(call.done, 10)
    assert call.closed is not None
    assert call.closed[0] == 1008
    assert "nothing was read for" in call.closed[1]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/conversation/nobody/stream", 404, "conversation_not_found"),
        ("/v1/conversation/a b/stream", 422, "invalid_value"),
    ],
)
async def test_a_connection_to_nothing_is_refused(
    door: Door, path: str, status: int, code: str
) -> None:
    call = LiveCall(door.app, path)
    await call.done
    assert (call.status, call.accepted) == (status, False)
    assert json.loads(call.refusal)["error"]["code"] == code


async def test_pages_of_other_sites_may_not_connect(door: Door) -> None:
    call = LiveCall(door.app, PATH, headers={"origin": "https://elsewhere.example"})
    await call.done
    assert call.status == 403


async def test_connections_that_come_and_go_leave_nothing_behind(door: Door) -> None:
    before = len(asyncio.all_tasks())
    for number in range(200):
        call = await connect(door)
        if number % 10 == 0:
            dictate(call, "Well, yes.", f"t{number}")
            await call.hear("turn.completed")
        await call.hang_up()
    await settle()
    assert len(asyncio.all_tasks()) <= before + 2
    assert lingering.RESUME_WITHIN_S > 0
