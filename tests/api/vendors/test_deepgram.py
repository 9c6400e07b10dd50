"""Deepgram's protocols, through the door."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actors.refusals import Busy
from gateway.live import peer, session
from tests.api.door import MAX_TEXT, Door
from tests.api.locked import LockedDoor
from tests.fakes import LocalStage, Take
from tests.fakes.clock import settle
from tests.fakes.socket import LiveCall

FLUX = "/v2/speak?model=flux-af_heart-en&encoding=linear16&sample_rate=24000"
AURA = "/v1/speak?model=aura-2-helena-en&encoding=linear16&sample_rate=24000"
TEXT = "Well, this is the first sentence of some. Here is another one, longer than the first. Bye!"


class DeepgramCall(LiveCall):
    """Its sound is bytes without a header; where they are among the messages is kept."""

    def __init__(self, door: Door, path: str = FLUX, **headers: str) -> None:
        super().__init__(door.app, path, headers={"x-conversation-id": "c", **headers})
        self.pieces: list[tuple[int, bytes]] = []

    def heard(self, data: bytes) -> None:
        self.pieces.append((len(self.told), data))

    @property
    def sound(self) -> bytes:
        return b"".join(data for _, data in self.pieces)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.told if message["type"] == kind]

    async def count(self, kind: str, number: int = 1) -> dict[str, Any]:
        """The last of so many messages of a kind."""
        await self.until(lambda: len(self.of(kind)) >= number)
        return self.of(kind)[number - 1]

    def speak(self, text: str = TEXT, *, flush: bool = True) -> None:
        for word in text.split(" "):
            self.say("Speak", text=f"{word} ")
        if flush:
            self.say("Flush")

    def interrupt(self, played_s: float | None = None) -> None:
        at = None if played_s is None else {"type": "time_ms", "value": round(played_s * 1000)}
        self.say("Interrupt", playback_offset=at)


async def opened(*takes: Take, path: str = FLUX) -> tuple[Door, DeepgramCall]:
    door = Door(LocalStage(*takes))
    return door, DeepgramCall(door, path)


async def turns(door: Door) -> list[dict[str, Any]]:
    found = (await door.get("/v1/conversation/c/turns")).json()["data"]
    return list(found)


async def end_of_word(door: Door, number: int, turn: int = 0) -> float:
    """Of a turn that was sent whole, in seconds."""
    return float((await turns(door))[turn]["words"][number]["end_s"])


async def test_a_speech_is_a_turn_between_its_beginning_and_its_metadata() -> None:
    door, call = await opened()
    call.speak()
    told = await call.count("SpeechMetadata")
    (recorded,) = await turns(door)
    assert recorded["text"].strip() == TEXT
    assert recorded["turn_id"] == told["speech_id"]
    assert recorded["direction"]["voice"] == "af_heart"
    assert call.told[0]["type"] == "Connected"
    assert call.told[0]["model_name"] == "flux-af_heart-en"
    assert call.of("SpeechStarted") == [{"type": "SpeechStarted", "speech_id": told["speech_id"]}]
    assert call.of("Flushed") == [{"type": "Flushed", "speech_id": told["speech_id"]}]
    begin, end = (call.told.index(call.of(kind)[0]) for kind in ("SpeechStarted", "SpeechMetadata"))
    assert all(begin < place <= end for place, _ in call.pieces)
    audio = await door.get(f"/v1/conversation/c/turns/{told['speech_id']}/audio", format="pcm")
    assert call.sound == audio.content
    assert told["audio_duration_ms"] == round(len(call.sound) / 48)
    assert told["input_character_count"] == len(TEXT) + 1
    await call.hang_up()


async def test_speeches_follow_one_another() -> None:
    door, call = await opened()
    for number in range(3):
        call.speak(f"This is number {number}.")
    await call.count("SpeechMetadata", 3)
    kinds = [m["type"] for m in call.told if m["type"] in ("SpeechStarted", "SpeechMetadata")]
    assert kinds == ["SpeechStarted", "SpeechMetadata"] * 3
    assert [t["turn"] for t in await turns(door)] == [1, 2, 3]
    await call.hang_up()


async def test_an_interruption_tells_what_was_heard_at_the_offset() -> None:
    door, call = await opened(Take(), Take(waits_after=3))
    call.speak()
    await call.until(lambda: len(call.sound) > 20_000)
    await settle()
    call.interrupt(0.6)
    cut = await call.count("SpeechInterrupted")
    (recorded,) = await turns(door)
    assert recorded["status"] == "interrupted"
    assert cut["text_spoken"] == recorded["heard_text"]
    assert cut["text_spoken"]
    assert f"{cut['text_spoken']} {cut['text_remaining']}" == TEXT
    assert cut["audio_played_ms"] == 600
    assert cut["metadata"]["speech_id"] == recorded["turn_id"]
    assert cut["metadata"]["audio_duration_ms"] == round(len(call.sound) / 48)
    assert door.system.stage.stopped == 1
    sent = len(call.pieces)
    await settle()
    assert len(call.pieces) == sent
    call.speak("As I was saying.")
    await call.count("SpeechMetadata")
    assert len(await turns(door)) == 2
    await call.hang_up()


async def test_offsets_count_from_the_beginning_of_the_session() -> None:
    door, call = await opened()
    call.speak("One two three four.")
    first = await call.count("SpeechMetadata")
    call.speak("Five six seven eight.")
    await call.count("SpeechMetadata", 2)
    before_s = first["audio_duration_ms"] / 1000
    second_word_s = await end_of_word(door, 1, turn=1)
    call.interrupt(before_s + second_word_s)
    cut = await call.count("SpeechInterrupted")
    assert (cut["text_spoken"], cut["text_remaining"]) == ("Five six", "seven eight.")
    heard = [t["heard_text"].strip() for t in await turns(door)]
    assert heard == ["One two three four.", "Five six"]
    at_s = cut["audio_played_ms"] / 1000
    call.speak("Nine ten eleven twelve.")
    await call.count("SpeechMetadata", 3)
    call.interrupt(at_s + await end_of_word(door, 0, turn=2))
    assert (await call.count("SpeechInterrupted", 2))["text_spoken"] == "Nine"
    call.say("Close")
    await call.until(lambda: call.closed is not None)
    heard_ms = cut["audio_played_ms"] + 1000 * await end_of_word(door, 0, turn=2)
    total_ms = call.of("SessionMetadata")[0]["total_audio_duration_ms"]
    assert total_ms == pytest.approx(heard_ms, abs=2)


async def test_an_offset_in_a_speech_that_was_sent_whole_cuts_those_after_it_too() -> None:
    door, call = await opened()
    call.speak("One two three four.")
    call.speak("Five six.")
    await call.count("SpeechMetadata", 2)
    call.interrupt(await end_of_word(door, 1))
    told = [await call.count("SpeechInterrupted", n) for n in (1, 2)]
    assert [cut["text_spoken"] for cut in told] == ["One two", ""]
    assert told[0]["audio_played_ms"] == told[1]["audio_played_ms"]
    assert [t["heard_text"] for t in await turns(door)] == ["One two", ""]
    await call.hang_up()


async def test_without_an_offset_what_can_have_been_played_was_heard() -> None:
    door, call = await opened()
    call.speak()
    await call.count("SpeechMetadata")
    second_word_s = await end_of_word(door, 1)
    door.system.clock.advance(second_word_s)
    call.interrupt()
    cut = await call.count("SpeechInterrupted")
    assert cut["text_spoken"] == "Well, this"
    assert cut["audio_played_ms"] == pytest.approx(second_word_s * 1000, abs=1)
    assert (await turns(door))[0]["heard_text"] == "Well, this"
    await call.hang_up()


async def test_there_may_be_nothing_to_interrupt_or_to_flush() -> None:
    door, call = await opened()
    call.interrupt()
    assert (await call.count("Warning"))["code"] == "NO_ACTIVE_SPEECH"
    call.say("Flush")
    assert (await call.count("Warning", 2))["code"] == "NO_ACTIVE_SPEECH"
    call.speak("Well, yes.")
    await call.count("SpeechMetadata")
    door.system.clock.advance(60)
    call.interrupt()
    assert (await call.count("Warning", 3))["code"] == "NO_ACTIVE_SPEECH"
    assert [t["status"] for t in await turns(door)] == ["completed"]
    await call.hang_up()


async def test_an_interruption_before_any_sound_drops_what_was_asked_for() -> None:
    door, call = await opened()
    call.say("Speak", text="Not yet a clause")
    await settle()
    call.interrupt()
    cut = await call.count("SpeechInterrupted")
    assert (cut["text_spoken"], cut["text_remaining"]) == ("", "Not yet a clause")
    assert cut["audio_played_ms"] == 0
    assert await turns(door) == []
    call.speak("Well, yes.")
    await call.count("SpeechMetadata")
    await call.hang_up()


async def test_offsets_do_not_go_back_and_are_not_beyond_what_was_sent() -> None:
    _, call = await opened(Take(), Take(), Take(), Take(waits_after=1))
    call.speak()
    await call.count("SpeechMetadata")
    call.interrupt(0.5)
    await call.count("SpeechInterrupted")
    call.speak(flush=False)
    await call.until(lambda: len(call.of("SpeechStarted")) == 2)
    await settle()
    call.interrupt(0.4)
    assert (await call.count("Warning"))["code"] == "INVALID_INTERRUPT_OFFSET"
    call.interrupt(80_000)
    cut = await call.count("SpeechInterrupted", 2)
    assert cut["audio_played_ms"] == 500 + cut["metadata"]["audio_duration_ms"]
    call.interrupt(80_000)
    assert (await call.count("Warning", 2))["code"] == "NO_ACTIVE_SPEECH"
    await call.hang_up()


async def test_white_space_is_no_speech_and_punctuation_a_silent_one() -> None:
    _, call = await opened()
    call.say("Speak", text=" \n")
    call.say("Flush")
    assert (await call.count("Warning"))["code"] == "NO_ACTIVE_SPEECH"
    call.say("Speak", text="?!")
    call.say("Flush")
    told = await call.count("SpeechMetadata")
    assert told["audio_duration_ms"] == 0
    assert call.of("Warning")[1]["code"] == "NO_SYNTHESIZABLE_TEXT"
    assert call.of("SpeechStarted")[0]["speech_id"] == told["speech_id"]
    await call.hang_up()


async def test_speed_is_of_the_next_speech() -> None:
    door, call = await opened(path=f"{FLUX}&speed=0.9")
    call.speak("Well, yes.")
    await call.count("SpeechMetadata")
    call.say("Configure", speed=1.15)
    assert await call.count("ConfigureSuccess") == {
        "type": "ConfigureSuccess",
        "applied": {"speed": 1.15},
    }
    call.speak("Well, yes.")
    await call.count("SpeechMetadata", 2)
    slow, fast = (t["direction"]["phrases"][0]["speed"] for t in await turns(door))
    assert fast > slow
    await call.hang_up()


@pytest.mark.parametrize(
    ("speed", "value"), [("9", 9), ("-1", -1), ("1e999", None), ('"fast"', None), ("[1]", None)]
)
async def test_a_speed_that_cannot_be_is_refused_and_the_one_before_stays(
    speed: str, value: float | None
) -> None:
    _, call = await opened()
    call.send(f'{{"type": "Configure", "speed": {speed}}}')
    failure = await call.count("ConfigureFailure")
    assert (failure["code"], failure["field"]) == ("SPEED_OUT_OF_RANGE", "speed")
    assert failure.get("value") == value
    assert "it stays 1" in failure["description"]
    await call.hang_up()


async def test_close_lets_it_finish_and_says_the_totals() -> None:
    door, call = await opened()
    call.speak(flush=False)
    call.say("Close")
    await call.until(lambda: call.closed is not None)
    await call.done
    assert call.closed is not None
    assert call.closed[0] == 1000
    totals = call.told[-1]
    assert totals["type"] == "SessionMetadata"
    assert totals["total_audio_duration_ms"] == round(len(call.sound) / 48)
    assert totals["total_input_character_count"] == len(TEXT) + 1
    assert [t["status"] for t in await turns(door)] == ["completed"]


async def test_who_hangs_up_heard_what_can_have_been_played() -> None:
    door, call = await opened(Take(), Take(waits_after=3))
    call.speak()
    await call.until(lambda: len(call.sound) > 20_000)
    await settle()
    door.system.clock.advance(0.6)
    await call.hang_up()
    await settle()
    (recorded,) = await turns(door)
    assert recorded["status"] == "interrupted"
    assert recorded["heard_text"] == " ".join(
        word["word"] for word in recorded["words"] if word["end_s"] <= 0.6
    )
    assert door.system.stage.stopped == 1


async def test_a_failure_is_told_and_the_next_speech_is_spoken() -> None:
    _, call = await opened(Take(refusal=Busy(2)))
    call.speak()
    assert (await call.count("Error"))["code"] == "busy"
    assert (await call.count("SpeechMetadata"))["audio_duration_ms"] == 0
    call.speak("Well, yes.")
    assert (await call.count("SpeechMetadata", 2))["audio_duration_ms"] > 0
    await call.hang_up()


@pytest.mark.parametrize(
    ("frame", "code", "named"),
    [
        ("{", "MESSAGE-0000", "JSON"),
        ("[]", "MESSAGE-0000", "object"),
        ('{"type": "Sing"}', "MESSAGE-0000", "Speak, Flush"),
        (b"\0" * 100, "MESSAGE-0000", "text frames"),
        ('{"type": "Speak"}', "DATA-0000", "text"),
        ('{"type": "Speak", "text": 7}', "DATA-0000", "text"),
        ('{"type": "Speak", "text": "a\\u0000b"}', "DATA-0000", "U+0000"),
        ('{"type": "Interrupt", "playback_offset": {"value": -1}}', "DATA-0000", "value"),
        ('{"type": "Interrupt", "playback_offset": {"type": "samples"}}', "DATA-0000", "type"),
        (json.dumps({"type": "Speak", "text": "word " * 200_000}), "BIG-0000", "characters"),
    ],
)
async def test_each_wrong_message_has_its_sentence_and_the_connection_lives_on(
    frame: str | bytes, code: str, named: str
) -> None:
    door, call = await opened()
    call.send(frame)
    error = await call.count("Error")
    assert error["code"] == code
    assert named in error["description"]
    call.speak("Well, yes.")
    await call.count("SpeechMetadata")
    assert len(await turns(door)) == 1
    await call.hang_up()


async def test_too_much_of_one_speech_is_refused_and_the_rest_of_it_spoken() -> None:
    door, call = await opened()
    call.say("Speak", text="Well, yes. ")
    call.say("Speak", text="x" * MAX_TEXT)
    assert (await call.count("Error"))["code"] == "BIG-0000"
    call.say("Flush")
    told = await call.count("SpeechMetadata")
    assert told["input_character_count"] == len("Well, yes. ")
    assert (await turns(door))[0]["text"].strip() == "Well, yes."
    await call.hang_up()


async def test_too_many_speeches_at_once_are_refused() -> None:
    _, call = await opened(Take(waits_after=1))
    for number in range(session.MOST_OPEN + 1):
        call.speak(f"Number {number}.")
    assert (await call.count("Error"))["code"] == "too_many_turns"
    await call.hang_up()


@pytest.mark.parametrize(
    ("query", "status", "code", "named"),
    [
        ("", 400, "invalid_value", "model"),
        ("model=nobody", 404, "voice_not_found", "nobody"),
        ("model=flux-heather-xx", 422, "invalid_value", "'xx'"),
        ("model=flux-heather-en&encoding=opus", 400, "invalid_value", "encoding"),
        (
            "model=flux-heather-en&sample_rate=12345",
            400,
            "invalid_value",
            "12345 is no sample rate",
        ),
        (
            "model=flux-heather-en&encoding=mulaw&sample_rate=48000",
            400,
            "invalid_value",
            "8000 or 16000",
        ),
        ("model=flux-heather-en&speed=7", 400, "invalid_value", "speed"),
        ("model=flux-heather-en&expressivity=5", 400, "invalid_value", "expressivity"),
        ("model=flux-heather-en&conversation_id=a%20b", 422, "invalid_value", "conversation_id"),
    ],
)
async def test_an_address_that_asks_for_nothing_here_is_refused(
    query: str, status: int, code: str, named: str
) -> None:
    call = LiveCall(Door().app, f"/v2/speak?{query}")
    await call.done
    assert (call.status, call.accepted) == (status, False)
    error = json.loads(call.refusal)["error"]
    assert error["code"] == code
    assert named in error["message"]


async def test_a_voice_of_theirs_is_the_speakers_own_or_one_of_the_language() -> None:
    door = Door()
    for number, model in enumerate(("flux-heather-en", "aura-2-agathe-fr"), 1):
        call = DeepgramCall(door, f"/v2/speak?model={model}")
        call.speak("Bonjour.")
        await call.count("SpeechMetadata")
        await call.hang_up()
        assert len(await turns(door)) == number
    state = (await door.get("/v1/conversation/c")).json()
    voices = [t["direction"]["voice"] for t in await turns(door)]
    assert voices[0] == state["participants"][0]["voice"]
    assert voices[1] in {v.id for v in door.system.voice_list if v.language.startswith("fr")}


@pytest.mark.parametrize(
    ("encoding", "rate", "width"),
    [("linear16", 48000, 2), ("linear16", 8000, 2), ("mulaw", 8000, 1)],
)
async def test_sound_is_encoded_as_asked(encoding: str, rate: int, width: int) -> None:
    path = f"/v2/speak?model=flux-heather-en&encoding={encoding}&sample_rate={rate}"
    _, call = await opened(path=path)
    call.speak()
    told = await call.count("SpeechMetadata")
    seconds = len(call.sound) / width / rate
    assert seconds == pytest.approx(told["audio_duration_ms"] / 1000, abs=0.002)
    await call.hang_up()


async def test_a_query_behind_a_query_is_read_too() -> None:
    door = Door()
    call = DeepgramCall(door, f"/v2/speak?conversation_id=d&?{FLUX.partition('?')[2]}")
    call.speak("Well, yes.")
    await call.count("SpeechMetadata")
    await call.hang_up()
    assert len(await turns(door)) == 1


async def test_how_expressive_a_speaker_is_can_be_said_when_they_come() -> None:
    door, call = await opened(path=f"{FLUX}&expressivity=-2")
    call.speak("Well, yes.")
    await call.count("SpeechMetadata")
    state = (await door.get("/v1/conversation/c")).json()
    assert state["participants"][0]["intensity"] == 0.2
    await call.hang_up()


async def test_clients_of_aura_are_told_when_the_sound_of_a_flush_has_been_sent() -> None:
    door, call = await opened(path=AURA)
    assert (await call.count("Metadata"))["model_name"] == "aura-2-helena-en"
    call.speak()
    assert await call.count("Flushed") == {"type": "Flushed", "sequence_id": 0}
    audio = (await turns(door))[0]["turn_id"]
    recorded = await door.get(f"/v1/conversation/c/turns/{audio}/audio", format="pcm")
    assert call.sound == recorded.content
    call.say("Flush")
    assert (await call.count("Flushed", 2))["sequence_id"] == 1
    call.say("Interrupt")
    assert "Clear" in (await call.count("Error"))["description"]
    call.say("Close")
    await call.until(lambda: call.closed is not None)


async def test_clients_of_aura_clear_what_they_do_not_want_to_hear() -> None:
    door, call = await opened(Take(), Take(waits_after=3), path=AURA)
    call.speak()
    await call.until(lambda: len(call.sound) > 20_000)
    await settle()
    door.system.clock.advance(0.6)
    call.say("Clear")
    assert await call.count("Cleared") == {"type": "Cleared", "sequence_id": 0}
    await settle()
    (recorded,) = await turns(door)
    assert recorded["status"] == "interrupted"
    assert 0 < len(recorded["heard_text"]) < len(TEXT)
    call.say("Clear")
    assert (await call.count("Cleared", 2))["sequence_id"] == 1
    call.speak("Well, yes.")
    await call.count("Flushed")
    await call.hang_up()


async def test_who_never_reads_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "SEND_WITHIN_S", 0.05)
    _, call = await opened()
    call.speak()
    await call.until(lambda: bool(call.pieces))
    call.stop_reading()
    call.say("Flush")
    await call.done
    assert call.closed is not None
    assert call.closed[0] == 1008


async def test_a_key_is_needed_where_there_are_keys(tmp_path: Path) -> None:
    door = LockedDoor(tmp_path)
    holder, other = door.holder("speak"), door.holder("speak")
    door.system.clock.advance(1)
    call = DeepgramCall(door)
    await call.done
    assert call.status == 401
    call = DeepgramCall(door, authorization=f"Token {holder.token}")
    call.speak()
    await call.count("SpeechMetadata")
    await call.hang_up()
    call = DeepgramCall(door, authorization=f"Token {other.token}")
    await call.done
    assert call.status == 404


LINE = {"text": "Good morning, what would you like?"}


@pytest.mark.parametrize(
    ("query", "media_type", "seconds_of"),
    [
        ("encoding=linear16&container=none", "audio/pcm", lambda body: len(body) / 48_000),
        ("encoding=linear16", "audio/wav", lambda body: (len(body) - 44) / 48_000),
        ("encoding=mulaw&container=none", "audio/basic", lambda body: len(body) / 8_000),
        ("encoding=opus&bit_rate=32000", "audio/ogg", None),
        ("", "audio/mpeg", None),
    ],
)
@pytest.mark.parametrize("path", ["/v1/speak", "/v2/speak"])
async def test_a_line_over_http_is_encoded_as_asked(
    door: Door, path: str, query: str, media_type: str, seconds_of: Callable[[bytes], float] | None
) -> None:
    asked = "encoding=linear16&container=none&model=flux-heather-en"
    pcm = (await door.post(f"{path}?{asked}", LINE)).content
    answer = await door.post(f"{path}?model=flux-heather-en&{query}", LINE)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    assert "x-conversation-id" not in answer.headers
    assert len(answer.content) > 500
    if seconds_of is not None:
        assert seconds_of(answer.content) == pytest.approx(len(pcm) / 48_000, abs=0.002)
    assert (await door.get("/v1/conversations")).json()["data"][1:] == []


async def test_a_line_over_http_is_a_turn_of_the_conversation_that_it_names(door: Door) -> None:
    named = {"X-Conversation-ID": "new", "X-Speaker-ID": "cat", "Idempotency-Key": "t1"}
    path = "/v1/speak?model=aura-2-helena-en&encoding=linear16&container=none"
    answer = await door.post(path, LINE, named)
    assert answer.headers["x-turn-id"] == "t1"
    turn = (await door.get("/v1/conversation/new/turns/t1")).json()
    assert (turn["speaker_id"], turn["text"]) == ("cat", LINE["text"])
    again = await door.post(path, LINE, named)
    assert again.content == answer.content
    assert door.events("new").count("turn_begun") == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "param"),
    [
        ("/v2/speak", LINE, 400, "invalid_value", "model"),
        ("/v1/speak?model=nobody", LINE, 404, "voice_not_found", "model"),
        ("/v1/speak?encoding=flac", LINE, 400, "invalid_value", "encoding"),
        ("/v1/speak?container=wav", LINE, 400, "invalid_value", "container"),
        ("/v1/speak?encoding=opus&sample_rate=8000", LINE, 400, "invalid_value", "sample_rate"),
        ("/v1/speak?callback=http://x.example", LINE, 400, "invalid_value", "callback"),
        ("/v1/speak", {"text": "?!"}, 422, "unspeakable_text", "text"),
        ("/v1/speak", {"text": "x" * (MAX_TEXT + 1)}, 422, "text_too_long", "text"),
        ("/v1/speak", {}, 422, "invalid_value", "text"),
    ],
)
async def test_a_line_that_cannot_be_is_refused(
    closed: Door, path: str, body: object, status: int, code: str, param: str
) -> None:
    answer = await closed.post(path, body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param)
    assert ("dg-error" in answer.headers) == (status in (400, 404))
