"""How a conversation asks to be let in before it speaks."""

import pytest

from actors.refusals import Busy, UnknownSpeaker, UnknownTurn
from actors.synthesis.claims import Claim
from tests.unit.actors.stagecraft import TEXT, Scene


async def test_a_turn_is_let_in_once_for_all_its_text() -> None:
    scene = await Scene().begin()
    await scene.hear()
    await scene.speak("again")
    assert scene.stage.admitted == [(Claim("t1", "c"), len(TEXT))]


async def test_nothing_is_recorded_of_a_turn_that_is_turned_away_and_it_may_come_again() -> None:
    scene = await Scene().begin()
    scene.stage.full = Busy(7)
    with pytest.raises(Busy, match="in 7 seconds"):
        await scene.speak()
    assert scene.types() == []
    with pytest.raises(UnknownTurn):
        await scene.turn()
    scene.stage.full = None
    assert await scene.hear()


async def test_a_turn_that_is_being_spoken_is_joined_however_full_it_is() -> None:
    scene = await Scene().begin()
    await scene.speak("one")
    scene.stage.full = Busy(7)
    assert await scene.speak("two")


async def test_who_is_refused_for_another_reason_claims_nothing() -> None:
    scene = await Scene().begin()
    with pytest.raises(UnknownSpeaker):
        await scene.speak(speaker_id="nobody")
    assert scene.stage.left == [Claim("t1", "c")]


async def test_phrases_say_whose_they_are_and_what_follows() -> None:
    scene = await Scene().begin()
    await scene.hear()
    claims = scene.stage.claims
    phrases = [phrase for phrase, *_ in scene.stage.asked]
    assert {claim.turn for claim in claims} == {("c", "t1")}
    assert [claim.begun for claim in claims] == [False] + [True] * (len(claims) - 1)
    lengths = [len(phrase.text) for phrase in phrases]
    assert [claim.rest for claim in claims] == [
        sum(lengths[number + 1 :]) for number in range(len(claims))
    ]
