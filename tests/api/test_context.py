"""What of a conversation bears on a line, over HTTP: how much of it is heard, and what it was."""

import httpx
import pytest

from tests.api.door import Door, refused

SAD = "My dog died yesterday, I am so sad and lonely."
LINE = "I will be with you at nine."


async def talk(door: Door, **line: object) -> dict[str, object]:
    """Something sad is said, and answered; the turn of the answer."""
    assert (await door.listen(text=SAD)).status_code == 200
    assert (await door.speak(text=LINE, **line)).status_code == 200
    return (await turn(door)).json()


async def turn(door: Door, turn_id: str = "t1") -> httpx.Response:
    return await door.get(f"/v1/conversation/c/turns/{turn_id}")


def rules(told: dict[str, object]) -> list[str]:
    return [reason["rule"] for reason in told["direction"]["reasons"]]  # type: ignore[index]


async def test_a_turn_is_told_with_its_context_its_direction_and_the_reasons(door: Door) -> None:
    told = await talk(door)
    context = told["context"]
    assert (context["speaker_id"], context["partner_id"]) == ("ann", "bob")
    assert context["temporal"]["turn"] == 2
    assert context["emotional"]["partner"]["category"] == "sadness"
    assert "dog" in context["semantic"]["topic"]
    assert context["speakers"]["ann"]["intensity"] == 0.6
    assert "answering sadness" in rules(told)
    heard = (await turn(door, "h1")).json()
    assert heard["context"]["speaker_id"] == "bob"
    assert heard["context"]["temporal"]["turn"] == 1


async def test_what_came_later_is_no_part_of_a_turns_context(door: Door) -> None:
    before = await talk(door)
    await door.listen(text="That is wonderful, I love it!", turn_id="h2")
    assert (await turn(door)).json()["context"] == before["context"]


async def test_the_context_of_the_next_line(door: Door) -> None:
    await talk(door)
    told = (await door.get("/v1/conversation/c/context", speaker_id="ann")).json()
    assert (told["version"], told["partner_id"]) == (7, "bob")
    assert told["semantic"]["acts"][0]["speaker_id"] == "bob"
    nobody = (await door.get("/v1/conversation/c/context")).json()
    assert (nobody["speaker_id"], nobody["temporal"]["response_gap_ms"]) == (None, None)
    then = (await door.get("/v1/conversation/c/context", version=4)).json()
    assert (then["version"], then["temporal"]["turn"]) == (4, 1)


async def test_who_is_not_there_has_no_next_line(door: Door) -> None:
    answer = await door.get("/v1/conversation/c/context", speaker_id="eve")
    message = refused(answer, 404, "speaker_not_found", "speaker_id")
    assert "'ann', 'bob'" in message
    refused(await door.get("/v1/conversation/x/context"), 404, "conversation_not_found",
            "conversation_id")  # fmt: skip
    refused(await turn(door, "t9"), 404, "turn_not_found", "turn_id")


async def test_how_somebody_speaks_is_in_the_state(door: Door) -> None:
    await talk(door)
    speakers = (await door.get("/v1/conversation/c")).json()["speakers"]
    assert speakers["bob"]["style"]["words_a_turn"] == len(SAD.split())
    assert speakers["ann"]["style"]["words_a_second"] > 0


@pytest.mark.parametrize(
    ("conversation", "own", "plain"), [(0, None, True), (1, 0, True), (0, 1, False)]
)
async def test_an_intensity_of_0_asks_what_is_asked_outside_any_conversation(
    closed: Door, conversation: float, own: float | None, plain: bool
) -> None:
    people = [{"id": "ann", "voice": "af_heart", "intensity": own}, "bob"]
    await closed.start(participants=people, intensity=conversation)
    assert ("intensity" in rules(await talk(closed))) == plain
    speech = {"input": LINE, "voice": "af_heart"}
    assert (await closed.post("/v1/audio/speech", speech)).status_code == 200
    (directed, voice, *_), (alone, same_voice, *_) = closed.system.stage.asked
    assert voice == same_voice
    assert (directed == alone) == plain


async def test_an_intensity_is_told_and_a_part_of_what_was_started(closed: Door) -> None:
    people = [{"id": "ann", "intensity": 0.25}, {"id": "bob", "role": "human"}]
    told = (await closed.start(participants=people, intensity=0.5)).json()
    assert [person["intensity"] for person in told["participants"]] == [0.25, None]
    assert (await closed.start(participants=people, intensity=0.5)).status_code == 200
    refused(await closed.start(participants=people, intensity=0.4), 409,
            "conversation_conflict", "conversation_id")  # fmt: skip
    assert (await closed.get("/v1/conversation/c")).json()["intensity"] == 0.5
    eve = {"id": "eve", "intensity": 1}
    told = (await closed.post("/v1/conversation/c/participants", eve)).json()
    assert told["participants"][-1]["intensity"] == 1


@pytest.mark.parametrize("wrong", [-0.1, 1.1, "much", float("nan"), [0.5]])
async def test_an_intensity_out_of_range_is_named(closed: Door, wrong: object) -> None:
    people = ["bob", {"id": "ann", "intensity": wrong}]
    message = refused(await closed.start(intensity=wrong), 422, "invalid_value", "intensity")
    assert "number" in message
    where = "participants.1.intensity"
    refused(await closed.start(participants=people), 422, "invalid_value", where)
    assert closed.events() == []
    await closed.start()
    refused(await closed.post("/v1/conversation/c/participants", people[1]), 422,
            "invalid_value", "intensity")  # fmt: skip


async def test_an_unknown_emotion_is_refused_with_those_that_there_are(door: Door) -> None:
    message = refused(await door.speak(emotion="hangry"), 422, "invalid_value", "emotion")
    for emotion in ("neutral", "joy", "sadness", "anger", "fear", "surprise", "disgust"):
        assert f"'{emotion}'" in message


async def test_what_the_caller_asks_for_wins_and_is_told(door: Door) -> None:
    told = await talk(door, emotion="joy", speed=1.2)
    reasons = {each["rule"]: each for each in told["direction"]["reasons"]}
    assert reasons["emotion asked for"]["because"] == "emotion=joy"
    assert reasons["speed asked for"]["because"] == "speed=1.2"
    assert "answering sadness" not in reasons
    assert {phrase["speed"] for phrase in told["direction"]["phrases"]} == {1.2}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Ich habe das nicht gesehen, und ich bin sehr traurig!!", "German"),
        ("Привет, как дела?", "a script that the readers do not know"),
        ("今日はとても悲しいです。", "a script that the readers do not know"),
        ("for (int i = 0; i < n; i++) { total += values[i]; }", "code"),
    ],
)
async def test_a_text_that_cannot_be_read_is_spoken_neutrally_and_says_so(
    door: Door, text: str, says: str
) -> None:
    await door.listen(text=SAD)
    assert (await door.speak(text=text)).status_code == 200
    told = (await turn(door)).json()
    assert told["affect"] is None
    assert says in told["unread"][0]["because"]
    (reason,) = (each for each in told["direction"]["reasons"] if each["rule"] == "illegible")
    assert says in reason["because"]
    for phrase in told["direction"]["phrases"]:
        assert (phrase["speed"], phrase["pitch"], phrase["pitch_range"]) == (1, 0, 1)


@pytest.mark.parametrize(
    "text", ["I AM SO HAPPY FOR YOU", "Great 🎉🎉🎉 news 😊", "nooooo waaaay!!!?!", "a " * 200]
)
async def test_odd_texts_are_read_and_directed(door: Door, text: str) -> None:
    assert (await door.listen(text=text)).status_code == 200
    assert (await door.speak(text=text)).status_code == 200
    told = (await turn(door)).json()
    assert told["affect"] is not None
    assert told["unread"] == []
