"""A dictated turn: begun with its first clause, each piece recorded before it is heard."""

import asyncio

import pytest

from actors.engines.base import EngineError
from actors.live.take import TEXT_WITHIN_S
from actors.refusals import (
    SpeechFailed,
    TextMissing,
    TextOverdue,
    TurnIdConflict,
    UnknownSpeaker,
    UnknownTurn,
    UnspeakableText,
)
from events.log import LogUnavailable
from events.replay import replay
from tests.fakes import Take
from tests.unit.actors.live.stagecraft import TEXT, Dictation, Scene, settle


async def test_the_first_clause_is_spoken_while_the_rest_is_still_to_come() -> None:
    scene = await Scene().begin()
    dictation = Dictation(scene)
    await dictation.say("Well, th")
    hearing = dictation.hear()
    turn = await hearing.begin()
    assert (turn.status, turn.text) == ("begun", "Well, ")
    assert (await hearing.some(1))[0].sample == 0
    assert scene.types() == ["turn_begun"]
    await dictation.say(TEXT[8:])
    await dictation.end()
    await hearing.rest()
    assert hearing.words == TEXT.split()
    whole = await scene.turn()
    assert (whole.status, whole.text, whole.heard_text) == ("completed", TEXT, TEXT)
    assert scene.audio.kept[whole.audio or ""] == hearing.pcm
    assert scene.types() == ["turn_begun", "turn_extended", "turn_extended", "turn_completed"]


async def test_what_is_heard_first_has_been_recorded() -> None:
    scene = await Scene().begin()
    scene.journal.hold()
    dictation = Dictation(scene)
    await dictation.say(TEXT, ended=True)
    hearing = asyncio.create_task(dictation.hear().rest())
    await settle()
    assert scene.stage.asked, "synthesis starts at once"
    assert not hearing.done()
    scene.journal.free()
    assert (await hearing).words == TEXT.split()


async def test_later_pieces_are_recorded_before_they_are_heard() -> None:
    scene = await Scene().begin()
    dictation = Dictation(scene)
    hearing = dictation.hear()
    await dictation.say("Well, ")
    await settle()
    scene.journal.hold()
    await dictation.say("this is it. ", ended=True)
    heard = asyncio.create_task(hearing.rest())
    await settle()
    assert hearing.words == ["Well,"]
    assert len(scene.stage.asked) == 2
    scene.journal.free()
    await heard
    assert hearing.words == ["Well,", "this", "is", "it."]


async def test_replayed_it_is_the_same_turn_without_an_engine() -> None:
    scene = await Scene().begin()
    dictation = Dictation(scene)
    await dictation.say(TEXT, ended=True)
    await dictation.hear().rest()
    await settle()
    recorded = [e for e in scene.journal.log.events if e.conversation_id == "c"]
    replayed = replay("c", recorded)
    assert replayed.state == await scene.state()
    assert replayed.transcript.get("t1") == await scene.turn()
    share = replayed.state.speakers["ann"]
    assert (share.turns, share.words) == (1, len(TEXT.split()))


async def test_the_direction_of_the_turn_is_that_of_all_its_pieces() -> None:
    scene = await Scene().begin()
    dictation = Dictation(scene)
    await dictation.say(TEXT, ended=True)
    await dictation.hear().rest()
    direction = (await scene.turn()).direction
    assert direction is not None
    assert direction.phrases == tuple(phrase for phrase, _, _ in scene.stage.asked)
    assert [p.pause_after_s > 0 for p in direction.phrases] == [True] * (
        len(direction.phrases) - 1
    ) + [False]


@pytest.mark.parametrize("mishap", ["lost before writing", "lost after writing"])
async def test_a_piece_of_unknown_outcome_is_spoken_once(mishap: str) -> None:
    scene = await Scene().begin()
    scene.journal.mishaps.extend([None, mishap])  # type: ignore[list-item]
    dictation = Dictation(scene)
    await dictation.say(TEXT, ended=True)
    hearing = await dictation.hear().rest()
    assert hearing.words == TEXT.split()
    assert (await scene.turn()).text == TEXT


async def test_a_piece_that_cannot_be_recorded_is_not_heard() -> None:
    scene = await Scene().begin()
    scene.journal.mishaps.extend([None, "disk full"])
    dictation = Dictation(scene)
    await dictation.say(TEXT, ended=True)
    hearing = dictation.hear()
    with pytest.raises(LogUnavailable):
        await hearing.rest()
    assert hearing.words == ["Well,"]
    await settle()
    assert scene.types() == ["turn_begun", "turn_failed"]


async def test_text_that_comes_twice_is_spoken_once() -> None:
    scene = await Scene().begin()
    dictation = Dictation(scene)
    await dictation.say(TEXT[:30])
    await dictation.say(TEXT[:50], at=0)
    await dictation.say(TEXT[10:], at=10, ended=True)
    await dictation.say(TEXT, at=0, ended=True)
    assert (await dictation.hear().rest()).words == TEXT.split()


async def test_other_text_in_its_place_or_a_gap_is_refused() -> None:
    scene = await Scene().begin()
    dictation = Dictation(scene)
    await dictation.say("Well, ")
    with pytest.raises(TurnIdConflict):
        await dictation.say("Hell", at=0)
    with pytest.raises(TextMissing):
        await dictation.say("later", at=7)
    with pytest.raises(TurnIdConflict):
        await Dictation(scene, speed=2.0).say("Well, ")
    await dictation.say("fine.", at=6, ended=True)
    assert (await dictation.hear().rest()).words == ["Well,", "fine."]


async def test_a_turn_of_the_record_is_not_spoken_again() -> None:
    scene = await Scene().begin()
    dictation = Dictation(scene)
    await dictation.say(TEXT, ended=True)
    await dictation.hear().rest()
    await dictation.leave("one", 0, whole=True)
    asked = len(scene.stage.asked)
    answer = await dictation.say(TEXT, at=0, ended=True)
    assert (answer.known, answer.over) == (len(TEXT), True)
    again = await dictation.hear("two").rest()
    assert again.turn == await scene.turn()
    assert (again.portions, len(scene.stage.asked)) == ([], asked)
    for other in ("Else.", TEXT + " More."):
        with pytest.raises(TurnIdConflict):
            await dictation.say(other, at=0)


async def test_a_name_that_was_not_dictated_is_a_conflict() -> None:
    scene = await Scene().begin()
    await scene.hear()
    with pytest.raises(TurnIdConflict):
        await Dictation(scene).say(TEXT)


async def test_who_may_not_speak_hears_of_it_at_the_first_word() -> None:
    scene = await Scene().begin()
    with pytest.raises(UnknownSpeaker):
        await Dictation(scene, speaker_id="eve").say("W")
    assert scene.types() == []


async def test_text_that_never_becomes_speakable_leaves_nothing_behind() -> None:
    scene = await Scene().begin()
    dictation = Dictation(scene)
    await dictation.say(" … ")
    hearing = asyncio.create_task(dictation.hear().rest())
    await dictation.end()
    with pytest.raises(UnspeakableText):
        await hearing
    await dictation.leave("one", 0)
    assert scene.types() == []
    assert not scene.conversation.busy


async def test_text_that_does_not_come_ends_the_turn() -> None:
    scene = await Scene().begin()
    dictation = Dictation(scene)
    await dictation.say("Well, and")
    hearing = dictation.hear()
    began = asyncio.get_running_loop().time()
    with pytest.raises(TextOverdue):
        await hearing.rest()
    assert asyncio.get_running_loop().time() - began == pytest.approx(TEXT_WITHIN_S, rel=0.05)
    turn = await scene.turn()
    assert (turn.status, turn.text) == ("failed", "Well, ")


async def test_a_listener_may_come_before_the_first_word_but_not_in_vain() -> None:
    scene = await Scene().begin()
    dictation = Dictation(scene)
    hearing = asyncio.create_task(dictation.hear().rest())
    await settle()
    await dictation.say(TEXT, ended=True)
    assert (await hearing).words == TEXT.split()
    with pytest.raises(UnknownTurn):
        await Dictation(scene, turn_id="never").hear().rest()


async def test_whoever_joins_later_hears_from_the_sample_they_ask_for() -> None:
    scene = await Scene().begin()
    dictation = Dictation(scene)
    await dictation.say(TEXT)
    first = dictation.hear()
    await first.some(4)
    sample = 1234
    second = dictation.hear("two", sample)
    await second.begin()
    await dictation.end()
    await first.rest()
    await second.rest()
    assert second.portions[0].sample == sample
    assert second.pcm == first.pcm[2 * sample :]
    heard = second.portions[0].words[0]
    assert heard.end_s * 24_000 > sample
    assert TEXT.split()[second.portions[0].word] == heard.word


async def test_a_barge_in_says_what_was_heard_and_what_was_still_to_come() -> None:
    scene = await Scene(Take(), Take(waits_after=2)).begin()
    dictation = Dictation(scene)
    await dictation.say(TEXT + " And th")
    hearing = dictation.hear()
    while len(hearing.words) < 2:
        await hearing.some(1)
    times = [word for portion in hearing.portions for word in portion.words]
    played_ms = round((times[1].start_s + times[1].end_s) / 2 * 1000)
    turn = await dictation.interrupt(played_ms)
    cut = turn.interruption
    assert cut is not None
    assert (cut.heard_text, turn.cut_word) == ("Well,", "this")
    assert f"{cut.heard_text} {cut.unheard_text}" == TEXT + " And th"
    assert scene.stage.stopped == 1
    assert not scene.conversation.busy
    assert await dictation.interrupt(9) == turn


async def test_a_barge_in_before_the_first_clause_leaves_nothing_behind() -> None:
    scene = await Scene().begin()
    dictation = Dictation(scene)
    await dictation.say("Wel")
    with pytest.raises(UnknownTurn):
        await dictation.interrupt(0)
    assert not scene.conversation.busy
    assert scene.types() == []


async def test_the_last_to_leave_interrupts_at_what_was_delivered() -> None:
    scene = await Scene(Take(), Take(waits_after=2)).begin()
    dictation = Dictation(scene)
    await dictation.say(TEXT)
    hearing = dictation.hear()
    await hearing.some(2)
    await dictation.leave("one", 150)
    turn = await scene.turn()
    assert turn.interruption is not None
    assert (turn.interruption.cause, turn.interruption.audio_played_ms) == ("listener_left", 150)


@pytest.mark.parametrize("end", ["left", "died", "failed"])
async def test_taken_up_again_it_sounds_the_same_up_to_where_it_was(end: str) -> None:
    last = Take(refusal=EngineError("broken")) if end == "failed" else Take(waits_after=2)
    scene = await Scene(Take(), last).begin()
    dictation = Dictation(scene)
    await dictation.say(TEXT[:60])
    hearing = dictation.hear()
    if end == "failed":
        with pytest.raises(SpeechFailed):
            await hearing.rest()
        await dictation.leave("one", 0)
    else:
        await hearing.some(2)
    if end == "left":
        await dictation.leave("one", 100)
    if end == "died":
        scene = await scene.wake_elsewhere()
    sample = len(hearing.pcm) // 2
    again = Dictation(scene)
    await again.say(TEXT, ended=True)
    rest = await again.hear("two", sample).rest()
    turn = await scene.turn()
    assert hearing.pcm + rest.pcm == scene.audio.kept[turn.audio or ""]
    assert (turn.number, turn.status, turn.text) == (1, "completed", TEXT)
