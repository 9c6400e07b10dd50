"""ElevenLabs' protocol, through the door."""

import base64
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.api.door import MAX_TEXT, Door
from tests.api.locked import LockedDoor
from tests.fakes import LocalStage, Take
from tests.fakes.clock import settle
from tests.fakes.socket import LiveCall

TEXT = "Well, this is the first sentence of some. Here is another one, longer than the first. Bye!"
QUERY = "output_format=pcm_24000"


class Client(LiveCall):
    """Of a WebSocket; in one conversation with all others, unless told otherwise."""

    def __init__(self, door: Door, query: str = QUERY, kind: str = "multi-", **more: str) -> None:
        path = f"/v1/text-to-speech/{more.pop('voice', 'af_heart')}/{kind}stream-input?{query}"
        super().__init__(door.app, path, headers={"x-conversation-id": "c", **more})
        self.door = door

    def ask(self, **message: object) -> None:
        self.send(json.dumps(message))

    def dictate(self, text: str = TEXT, context_id: str = "x", *, close: bool = True) -> None:
        """As frameworks do: what opens a context, word by word, a flush, and the close."""
        self.ask(text=" ", voice_settings={"stability": 0.5}, context_id=context_id)
        for word in text.split(" "):
            self.ask(text=f"{word} ", context_id=context_id)
        self.ask(context_id=context_id, flush=True)
        if close:
            self.ask(context_id=context_id, close_context=True)

    def of(self, context_id: str | None = "x") -> list[dict[str, Any]]:
        return [message for message in self.told if message.get("contextId") == context_id]

    def pcm(self, context_id: str | None = "x") -> bytes:
        return b"".join(base64.b64decode(m.get("audio") or "") for m in self.of(context_id))

    async def final(self, context_id: str | None = "x", number: int = 1) -> None:
        await self.until(lambda: self.finals(context_id) >= number)

    def finals(self, context_id: str | None = "x") -> int:
        return sum(message.get("isFinal") is True for message in self.of(context_id))

    async def complaint(self, error: str) -> dict[str, Any]:
        await self.until(lambda: any(m.get("error") == error for m in self.told))
        found = next(m for m in self.told if m.get("error") == error)
        assert found["message"]
        return found

    async def sounding(self, context_id: str | None = "x") -> None:
        await self.until(lambda: bool(self.pcm(context_id)))

    async def turn(self, turn_id: str = "x") -> dict[str, Any]:
        found = await self.door.get(f"/v1/conversation/c/turns/{turn_id}")
        return dict(found.json())


def characters_of(messages: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """Characters with their beginnings in seconds, as clients add up each message's times."""
    clock_ms, characters = 0.0, list[tuple[str, float]]()
    for alignment in filter(None, (message.get("alignment") for message in messages)):
        starts, lasts = alignment["charStartTimesMs"], alignment["charDurationsMs"]
        at_s = [(clock_ms + at) / 1000 for at in starts]
        characters += zip(alignment["chars"], at_s, strict=True)
        clock_ms += starts[-1] + lasts[-1]
    return characters


def words_of(messages: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """Words with their beginnings in seconds."""
    words, word = list[tuple[str, float]](), list[tuple[str, float]]()
    for character, at in characters_of(messages):
        if character == " " and word:
            words.append(("".join(c for c, _ in word), word[0][1]))
        word = [] if character == " " else [*word, (character, at)]
    assert not word, "the last word was not completed"
    return words


async def play_into_the_second_word(door: Door, client: Client) -> None:
    """Of a text that begins with "Well, this"."""
    await client.until(lambda: len(characters_of(client.of())) > len("Well, t"))
    door.system.clock.advance(characters_of(client.of())[len("Well, t")][1])


@pytest.fixture
def door() -> Door:
    return Door()


async def opened(*takes: Take, query: str = QUERY, kind: str = "multi-") -> tuple[Door, Client]:
    door = Door(LocalStage(*takes))
    return door, Client(door, query, kind)


async def test_a_context_is_a_turn_whose_words_come_one_by_one(door: Door) -> None:
    client = Client(door)
    client.dictate()
    await client.final()
    turn = await client.turn()
    assert (turn["status"], " ".join(turn["text"].split())) == ("completed", TEXT)
    assert turn["speaker_id"] == "assistant"
    audio = await door.get("/v1/conversation/c/turns/x/audio", format="pcm")
    assert client.pcm() == audio.content
    assert client.finals() == 1
    await client.hang_up()


async def test_characters_cover_the_text_and_add_up_to_the_times_of_words(door: Door) -> None:
    client = Client(door)
    client.dictate()
    await client.final()
    recorded = [(w["word"], w["start_s"]) for w in (await client.turn())["words"]]
    told = words_of(client.of())
    assert [word for word, _ in told] == [word for word, _ in recorded] == TEXT.split()
    assert [at for _, at in told] == pytest.approx([at for _, at in recorded], abs=0.002)
    alignments = [m["alignment"] for m in client.of() if m.get("alignment")]
    assert "".join(c for a in alignments for c in a["chars"]) == f"{TEXT} "
    assert len(alignments) > 10
    for alignment in alignments:
        starts, lasts = alignment["charStartTimesMs"], alignment["charDurationsMs"]
        assert len(starts) == len(lasts) == len(alignment["chars"])
        assert starts[0] >= 0
        assert all(a <= b for a, b in pairwise(starts))
    await client.hang_up()


async def test_with_sync_alignment_the_normalized_one_counts_from_the_first_sound(
    door: Door,
) -> None:
    client = Client(door, f"{QUERY}&sync_alignment=true")
    client.dictate()
    await client.final()
    normalized = [m["normalizedAlignment"] for m in client.of() if m.get("normalizedAlignment")]
    starts = [at for alignment in normalized for at in alignment["charStartTimesMs"]]
    assert starts == sorted(starts)
    letters = "".join(c for alignment in normalized for c in alignment["chars"])
    recorded = (await client.turn())["words"]
    assert starts[letters.index("Bye!")] == pytest.approx(1000 * recorded[-1]["start_s"], abs=2)
    await client.hang_up()


async def test_one_text_ends_with_the_connection(door: Door) -> None:
    client = Client(door, kind="")
    client.ask(text=" ", voice_settings=None, generation_config={"chunk_length_schedule": [50]})
    for word in TEXT.split(" "):
        client.ask(text=f"{word} ", try_trigger_generation=True)
    client.ask(text="")
    await client.until(lambda: client.closed is not None)
    assert client.closed == (1000, "all of it was spoken")
    assert client.finals(None) == 1
    assert [word for word, _ in words_of(client.told)] == TEXT.split()
    await client.hang_up()


async def test_text_without_an_end_is_spoken_when_it_is_flushed(door: Door) -> None:
    client = Client(door)
    client.ask(text=" ", context_id="x")
    client.ask(text="Hello there", context_id="x")
    await settle()
    assert not client.pcm()
    client.ask(context_id="x", flush=True)
    await client.sounding()
    client.ask(text="and on", flush=True, context_id="x")
    client.ask(context_id="x", close_context=True)
    await client.final()
    assert [word for word, _ in words_of(client.of())] == ["Hello", "there", "and", "on"]
    assert (await client.turn())["text"].split() == ["Hello", "there", "and", "on"]
    await client.hang_up()


async def test_in_auto_mode_each_message_is_spoken_at_once_and_a_word_of_its_own(
    door: Door,
) -> None:
    client = Client(door, f"{QUERY}&auto_mode=true")
    client.ask(text=" ", context_id="x")
    client.ask(text="Hello there", context_id="x")
    await client.sounding()
    client.ask(text="You again?", context_id="x", flush=True, close_context=True)
    await client.final()
    assert [word for word, _ in words_of(client.of())] == ["Hello", "there", "You", "again?"]
    await client.hang_up()


async def test_a_close_without_a_flush_is_an_interruption_at_what_can_have_been_played() -> None:
    door, client = await opened(Take(), Take(waits_after=3))
    client.ask(text=TEXT, context_id="x")
    await play_into_the_second_word(door, client)
    await settle()
    sent = len(client.pcm())
    client.ask(context_id="x", close_context=True)
    await client.final()
    turn = await client.turn()
    assert (turn["status"], turn["heard_text"]) == ("interrupted", "Well,")
    assert len(client.pcm()) == sent
    assert door.system.stage.stopped == 1
    await client.hang_up()


async def test_a_second_close_is_an_interruption_too(door: Door) -> None:
    client = Client(door)
    client.dictate()
    await client.final()
    await play_into_the_second_word(door, client)
    for number in (2, 3):
        client.ask(context_id="x", close_context=True)
        await client.final(number=number)
        turn = await client.turn()
        assert (turn["status"], turn["heard_text"]) == ("interrupted", "Well,")
    await client.hang_up()


async def test_a_close_after_all_was_played_changes_nothing(door: Door) -> None:
    client = Client(door)
    client.dictate()
    await client.final()
    door.system.clock.advance(60)
    client.ask(context_id="x", close_context=True)
    await client.final(number=2)
    assert (await client.turn())["status"] == "completed"
    await client.hang_up()


async def test_a_close_before_anything_is_spoken_records_nothing(door: Door) -> None:
    client = Client(door)
    client.ask(text=" ", context_id="x")
    client.ask(text="Wel", context_id="x")
    client.ask(context_id="x", close_context=True)
    await client.final()
    assert not client.pcm()
    assert "turn_begun" not in door.events()
    await client.hang_up()


async def test_an_interrupted_context_leaves_others_alone() -> None:
    door, client = await opened(Take(waits_after=2))
    client.ask(text=TEXT, context_id="x")
    await client.sounding("x")
    client.dictate("And I go on.", "y")
    client.ask(context_id="x", close_context=True)
    await client.final("x")
    await client.final("y")
    assert (await client.turn("y"))["status"] == "completed"
    assert (await client.turn("x"))["status"] == "interrupted"
    await client.hang_up()
    assert door.events().count("turn_begun") == 2


async def test_a_context_that_waits_does_not_hold_others_up(door: Door) -> None:
    client = Client(door)
    client.ask(text="I have not", context_id="x")
    client.dictate("But I have.", "y")
    await client.final("y")
    await client.hang_up()


async def test_a_context_that_was_closed_can_be_used_again(door: Door) -> None:
    client = Client(door)
    client.dictate("One.")
    client.dictate("Two.")
    await client.final(number=2)
    turns = (await door.get("/v1/conversation/c/turns")).json()["data"]
    assert [(t["turn_id"], t["text"].strip()) for t in turns] == [("x", "One."), ("x~2", "Two.")]
    await client.hang_up()


async def test_the_same_context_again_is_the_same_turn(door: Door) -> None:
    first, again = Client(door), Client(door)
    for client in (first, again):
        client.dictate("Just once.")
        await client.final()
        await client.hang_up()
    assert first.pcm() == again.pcm()
    assert door.events().count("turn_begun") == 1


async def test_the_same_context_with_other_words_is_refused(door: Door) -> None:
    for text in ("This.", "Something else."):
        client = Client(door)
        client.dictate(text)
        await client.final()
    complaint = await client.complaint("turn_id_conflict")
    assert complaint["contextId"] == "x"
    await client.hang_up()


async def test_a_context_in_which_nothing_is_said_is_closed(door: Door) -> None:
    client = Client(door, f"{QUERY}&inactivity_timeout=1")
    client.ask(text="Hello there", context_id="x")
    await client.final()
    assert (await client.turn())["status"] == "completed"
    await client.hang_up()


async def test_a_connection_in_which_nothing_is_said_is_closed(door: Door) -> None:
    client = Client(door, f"{QUERY}&inactivity_timeout=1", kind="")
    await client.until(lambda: client.closed is not None)
    assert client.closed == (1008, "nothing was said for 1 s")
    await client.hang_up()


async def test_a_pause_ends_a_turn_and_more_words_are_another(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.vendors.elevenlabs.context.PAUSE_S", 0.05)
    client = Client(door)
    client.ask(text="Wait here", context_id="x", flush=True)
    await client.until(lambda: "turn_completed" in door.events())
    client.ask(text="Thank you.", context_id="x", flush=True, close_context=True)
    await client.final()
    turns = (await door.get("/v1/conversation/c/turns")).json()["data"]
    assert [turn["text"].strip() for turn in turns] == ["Wait here", "Thank you."]
    assert [w for w, _ in words_of(client.of())] == ["Wait", "here", "Thank", "you."]
    await client.hang_up()


async def test_close_socket_lets_what_was_flushed_end(door: Door) -> None:
    client = Client(door)
    client.dictate(close=False)
    client.ask(close_socket=True)
    await client.until(lambda: client.closed is not None)
    assert client.closed == (1000, "all of it was spoken")
    assert (await client.turn())["status"] == "completed"
    await client.hang_up()


async def test_who_hangs_up_heard_what_can_have_been_played() -> None:
    door, client = await opened(Take(), Take(waits_after=3))
    client.ask(text=TEXT, context_id="x")
    await play_into_the_second_word(door, client)
    await client.hang_up()
    await settle(2000)
    turn = await client.turn()
    assert (turn["status"], turn["heard_text"]) == ("interrupted", "Well,")


async def test_speed_is_heeded(door: Door) -> None:
    client = Client(door)
    for context_id, settings in (("x", {"speed": 0.5, "style": 1}), ("y", {})):
        client.ask(text=" ", voice_settings=settings, context_id=context_id)
        client.ask(text="The same words.", context_id=context_id, flush=True, close_context=True)
        await client.final(context_id)
    phrases = (await client.turn("x"))["direction"]["phrases"]
    assert phrases[0]["speed"] < (await client.turn("y"))["direction"]["phrases"][0]["speed"]
    await client.hang_up()


@pytest.mark.parametrize(
    ("data", "error", "param"),
    [
        ("{", "invalid_json", None),
        ("[]", "invalid_json", None),
        (b"\0\1", "not_text", None),
        ('{"text": 5}', "invalid_value", "text"),
        ('{"text": "a\\u0000b", "context_id": "x"}', "invalid_value", "text"),
        ('{"text": "\\ud800", "context_id": "x"}', "invalid_json", None),
        ('{"text": "a", "context_id": ""}', "invalid_value", "context_id"),
        ('{"text": "a", "voice_settings": {"speed": 9}}', "invalid_value", "voice_settings.speed"),
        ('{"context_id": "x", "flush": true}', "context_not_found", "context_id"),
        ('{"context_id": "x", "close_context": true}', "context_not_found", "context_id"),
        (json.dumps({"text": "long " * MAX_TEXT, "context_id": "x"}), "text_too_long", "text"),
        (json.dumps({"text": "x" * 1_000_000, "context_id": "x"}), "text_too_long", "text"),
    ],
)
async def test_every_illegal_message_has_its_own_sentence_and_the_connection_lives_on(
    door: Door, data: str | bytes, error: str, param: str | None
) -> None:
    client = Client(door)
    client.send(data)
    complaint = await client.complaint(error)
    assert complaint["param"] == param
    client.dictate("Still here.", "y")
    await client.final("y")
    assert client.closed is None
    await client.hang_up()


async def test_text_that_cannot_be_spoken_fails_its_context_alone(door: Door) -> None:
    client = Client(door)
    client.dictate("… !?")
    await client.final()
    assert (await client.complaint("unspeakable_text"))["contextId"] == "x"
    client.dictate("Still here.", "y")
    await client.final("y")
    await client.hang_up()


async def test_the_only_text_of_a_connection_fails_with_it(door: Door) -> None:
    client = Client(door, kind="")
    client.ask(text="… !?")
    client.ask(text="")
    await client.until(lambda: client.closed is not None)
    told = await client.complaint("unspeakable_text")
    assert client.closed == (1008, told["message"][:120])
    await client.hang_up()


async def test_nothing_is_taken_after_the_end(door: Door) -> None:
    _, client = await opened(Take(waits_after=0), kind="")
    client.ask(text="Hello there.")
    client.ask(text="")
    client.ask(text="And more")
    await client.complaint("connection_closing")
    await client.hang_up()


async def test_contexts_are_bounded_and_those_that_are_idle_make_room(door: Door) -> None:
    client = Client(door)
    for number in range(100):
        client.ask(text=" ", context_id=f"idle-{number}")
    for number in range(17):
        client.ask(text="Waiting", context_id=f"c{number}")
    complaint = await client.complaint("too_many_contexts")
    assert complaint["contextId"] == "c16"
    client.ask(context_id="c0", close_context=True)
    await client.final("c0")
    client.dictate("There is room.", "c16")
    await client.final("c16")
    await client.hang_up()


@pytest.mark.parametrize(
    ("query", "status", "param"),
    [
        ("output_format=pcm_11025", 422, "output_format"),
        ("output_format=wav_24000", 422, "output_format"),
        ("inactivity_timeout=181", 422, "inactivity_timeout"),
        ("inactivity_timeout=0", 422, "inactivity_timeout"),
        ("auto_mode=perhaps", 422, "auto_mode"),
        ("enable_logging=false", 422, "enable_logging"),
        ("enable_ssml_parsing=true", 422, "enable_ssml_parsing"),
        ("speaker_id=%00", 422, "speaker_id"),
    ],
)
async def test_an_address_that_asks_for_something_else_is_refused(
    door: Door, query: str, status: int, param: str
) -> None:
    client = Client(door, query)
    await client.done
    assert (client.status, json.loads(client.refusal)["error"]["param"]) == (status, param)


async def test_a_voice_that_nobody_has_is_refused(door: Door) -> None:
    client = Client(door, voice="21m00Tcm4TlvDq8ikWAM")
    await client.done
    error = json.loads(client.refusal)["error"]
    assert (client.status, error["code"]) == (404, "voice_not_found")


async def test_openais_names_are_voices_too(door: Door) -> None:
    client = Client(door, voice="nova")
    client.dictate("Hello.")
    await client.final()
    assert (await client.turn())["direction"]["voice"] == "af_nova"
    await client.hang_up()


async def test_a_connection_without_words_begins_no_conversation(door: Door) -> None:
    client = Client(door)
    client.ask(text="")
    client.ask(text="", context_id="x")
    await settle()
    assert client.told == []
    await client.hang_up()
    assert door.events() == []


async def test_a_key_is_needed_where_there_are_keys(tmp_path: Path) -> None:
    door = LockedDoor(tmp_path)
    reading, speaking = door.holder("read"), door.holder("speak")
    door.system.clock.advance(1)
    outside = Client(door)
    await outside.done
    assert outside.status == 401
    reader = Client(door, **{"xi-api-key": reading.token})
    await reader.done
    assert reader.status == 403
    speaker = Client(door, **{"xi-api-key": speaking.token})
    speaker.dictate("Hello.")
    await speaker.final()
    await speaker.hang_up()


async def test_a_conversation_of_another_key_is_not_joined(tmp_path: Path) -> None:
    door = LockedDoor(tmp_path)
    holders = [door.holder("speak", name=name) for name in ("one", "two")]
    door.system.clock.advance(1)
    for holder in holders:
        client = Client(door, **{"xi-api-key": holder.token})
        client.dictate("Hello.")
        await client.until(lambda client=client: len(client.told) > 2)
    assert (await client.complaint("conversation_not_found"))["contextId"] == "x"
    assert not client.pcm()
    await client.hang_up()
