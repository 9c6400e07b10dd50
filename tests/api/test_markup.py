"""Markup and pronunciations, as callers meet them over HTTP."""

from typing import Any

import pytest

from tests.api.door import Door, refused

PHONEMES = "nwˈɪn"


async def turn_of(door: Door, turn_id: str = "t1") -> dict[str, Any]:
    told: dict[str, Any] = (await door.get(f"/v1/conversation/c/turns/{turn_id}")).json()
    return told


def effects(turn: dict[str, Any], rule: str) -> list[str]:
    return [each["effect"] for each in turn["direction"]["reasons"] if each["rule"] == rule]


async def test_without_being_asked_for_tags_are_text(door: Door) -> None:
    await door.speak(text="Wait [pause:1s] here.")
    turn = await turn_of(door)
    assert turn["text"] == "Wait [pause:1s] here."
    assert [word["word"] for word in turn["words"]] == ["Wait", "[pause:1s]", "here."]
    assert effects(turn, "markup") == []


async def test_the_record_has_the_words_and_the_direction_what_was_asked(door: Door) -> None:
    text = "Wait [pause:0.5s] here. [voice:am_adam] I am [Nguyen](/nwˈɪn/)."
    assert (await door.speak(text=text, markup="tags")).status_code == 200
    turn = await turn_of(door)
    assert turn["text"] == "Wait here. I am Nguyen."
    assert [word["word"] for word in turn["words"]] == turn["text"].split()
    first, second = turn["direction"]["phrases"]
    assert first["words"][0]["pause_after_s"] == 0.5
    assert second["voice"] == "am_adam"
    assert second["sayings"] == [{"index": 2, "said": f"[Nguyen](/{PHONEMES}/)."}]
    assert effects(turn, "markup") == ["as written"]
    assert [voice for _, voice in door.system.stage.engine.asked] == ["af_heart", "am_adam"]


async def test_ssml_is_taken_where_it_is_asked_for(door: Door) -> None:
    text = '<speak>Wait <break/> here, <prosody rate="120%">all of us</prosody>.</speak>'
    assert (await door.speak(text=text, markup="ssml")).status_code == 200
    turn = await turn_of(door)
    assert turn["text"] == "Wait here, all of us."
    rates = {word["rate"] for word in turn["direction"]["phrases"][0]["words"][2:]}
    assert rates == {1.2}


@pytest.mark.parametrize(
    ("markup", "text", "where"),
    [
        ("tags", "Wait [pause:soon] here.", "character 6"),
        ("tags", "Wait [paws:1s] here.", "character 6"),
        ("tags", "Wait [voice:nobody] here.", "character 6"),
        ("tags", "Wait [rate:1.2", "character 6"),
        ("tags", "I am [Nguyen](/№/).", "character 6"),
        ("ssml", "<speak>Wait\n <pause/></speak>", "line 2, column 2"),
        ("ssml", "<speak>Wait & go</speak>", "line 1, column"),
        ("ssml", '<!DOCTYPE s [<!ENTITY a "b">]><speak>&a;</speak>', "line 1"),
        ("ssml", "Wait here.", "line 1, column 1"),
    ],
)
async def test_wrong_markup_is_refused_by_its_place(
    door: Door, markup: str, text: str, where: str
) -> None:
    before = door.events()
    message = refused(await door.speak(text=text, markup=markup), 422, "invalid_markup", "text")
    assert message.startswith(f"text, {where}")
    assert message.endswith("nothing was recorded")
    assert door.events() == before


async def test_an_unknown_kind_of_markup_is_refused(door: Door) -> None:
    refused(await door.speak(markup="html"), 422, "invalid_value", "markup")


async def test_words_are_asked_for_in_one_way_only(door: Door) -> None:
    words = [{"index": 0, "emphasis": 1}]
    refused(await door.speak(markup="tags", words=words), 422, "invalid_value", "words")


async def test_the_same_words_with_other_markup_are_another_line(door: Door) -> None:
    await door.speak(text="Wait [pause:1s] here.", markup="tags")
    again = await door.speak(text="Wait [pause:1s] here.", markup="tags")
    assert again.status_code == 200
    other = await door.speak(text="Wait [pause:2s] here.", markup="tags")
    refused(other, 409, "turn_id_conflict", "turn_id")


async def test_a_pause_lengthens_a_line_outside_any_conversation(closed: Door) -> None:
    async def samples(**more: object) -> int:
        body = {"input": "Wait [pause:1s] here.", "response_format": "pcm", **more}
        answer = await closed.post("/v1/audio/speech", body)
        assert answer.status_code == 200, answer.text
        return len(answer.content) // 2

    plain = await samples(input="Wait here.")
    assert await samples(markup="tags") - plain >= 23_000
    body = {"input": "Wait [pause:99s] here.", "markup": "tags"}
    refused(await closed.post("/v1/audio/speech", body), 422, "invalid_markup", "input")


async def pronounce(door: Door, **words: object) -> Any:
    return await door.client.put(
        "/v1/conversation/c/pronunciations", json={"pronunciations": words}
    )


async def test_a_dictionary_speaks_for_its_words_in_every_later_turn(door: Door) -> None:
    assert (await pronounce(door, Nguyen={"phonemes": PHONEMES})).status_code == 200
    await door.speak(text="Is NGUYEN here? Nguyen's dog is.")
    turn = await turn_of(door)
    said = [each for phrase in turn["direction"]["phrases"] for each in phrase["sayings"]]
    assert said == [{"index": 1, "said": f"[NGUYEN](/{PHONEMES}/)"}]
    assert turn["text"] == "Is NGUYEN here? Nguyen's dog is."
    assert effects(turn, "pronunciations") == ["as it has them"]
    state = (await door.get("/v1/conversation/c")).json()
    assert state["pronunciations"] == {"Nguyen": {"phonemes": PHONEMES, "say_as": None}}


async def test_a_dictionary_can_be_there_from_the_start_and_belongs_to_it(closed: Door) -> None:
    words = {"SQL": {"say_as": "sequel"}}
    assert (await closed.start(pronunciations=words)).json()["version"] == 5
    assert closed.events()[-1] == "pronunciations_set"
    again = await closed.start(pronunciations=words)
    assert (again.status_code, again.json()["version"]) == (200, 5)
    refused(await closed.start(), 409, "conversation_conflict", "conversation_id")


async def test_a_new_dictionary_takes_the_place_of_the_old_one(door: Door) -> None:
    await pronounce(door, SQL={"say_as": "sequel"})
    version = (await pronounce(door, SQL={"say_as": "sequel"})).json()["version"]
    assert (await pronounce(door)).json() == {
        "conversation_id": "c",
        "pronunciations": {},
        "version": version + 1,
    }
    await door.speak(text="Write SQL.")
    assert (await turn_of(door))["direction"]["phrases"][0]["sayings"] == []


async def test_a_fork_keeps_the_dictionary(door: Door) -> None:
    await pronounce(door, SQL={"say_as": "sequel"})
    await door.post("/v1/conversation/c/fork", {"conversation_id": "d"})
    assert "SQL" in (await door.get("/v1/conversation/d")).json()["pronunciations"]


async def test_a_dictionary_has_a_thousand_words_at_most() -> None:
    door = Door(max_body_mb=1)
    async with door.client:
        await door.start()
        many = {f"w{n}": {"say_as": "x"} for n in range(1001)}
        refused(await pronounce(door, **many), 422, "invalid_value", "pronunciations")
        del many["w0"]
        assert (await pronounce(door, **many)).status_code == 200


@pytest.mark.parametrize(
    ("words", "param"),
    [
        ({"SQL": {}}, "pronunciations.SQL"),
        ({"SQL": {"phonemes": "x", "say_as": "x"}}, "pronunciations.SQL"),
        ({"SQL": {"phonemes": "№"}}, "pronunciations.SQL.phonemes"),
        ({"SQL": {"phonemes": "ˈ"}}, "pronunciations.SQL.phonemes"),
        ({"SQL": {"say_as": "…"}}, "pronunciations.SQL.say_as"),
        ({"New York": {"say_as": "x"}}, "pronunciations"),
        ({"sql": {"say_as": "x"}, "SQL": {"say_as": "y"}}, "pronunciations"),
    ],
)
async def test_a_bad_entry_is_named(door: Door, words: dict[str, Any], param: str) -> None:
    before = door.events()
    refused(await pronounce(door, **words), 422, "invalid_value", param)
    assert door.events() == before


async def test_an_ended_conversation_takes_no_other_dictionary(door: Door) -> None:
    await door.post("/v1/conversation/c/end")
    refused(await pronounce(door), 409, "conversation_ended", "conversation_id")


async def test_the_state_then_has_the_dictionary_of_then(door: Door) -> None:
    first = (await pronounce(door, SQL={"say_as": "sequel"})).json()["version"]
    await pronounce(door)
    then = (await door.get("/v1/conversation/c", version=first)).json()
    assert then["pronunciations"] == {"SQL": {"phonemes": None, "say_as": "sequel"}}


async def test_an_interruption_tells_heard_words_as_they_are_written(door: Door) -> None:
    text = "One [pause:1s] [two](/tˈuː/) <three> four."
    await door.speak(text=text, markup="tags")
    words = (await turn_of(door))["words"]
    assert words[1]["start_s"] - words[0]["end_s"] >= 1
    played_ms = round(words[1]["end_s"] * 1000)
    path = "/v1/conversation/c/turns/t1/interrupt"
    told = (await door.post(path, {"audio_played_ms": played_ms})).json()
    assert (told["heard_text"], told["unheard_text"]) == ("One two", "<three> four.")
