"""What a conversation makes of sound: its own, and that of others."""

import asyncio
from dataclasses import replace

import pytest

from actors.commands import Consider, HeardSound, Interrupt, Listen
from actors.hearing.attention import Attention
from actors.refusals import Busy, ConversationEnded, TurnIdConflict, UnknownSpeaker
from events.readings import Features
from tests.fakes.clock import settle
from tests.unit.actors.stagecraft import Scene, all_of, some_of

TOLD = Listen("h1", "bob", "What time is it?", upload="a" * 64)
HEARD = HeardSound("b" * 64, 1.5, Features(duration_s=1.5, f0_median_hz=120, rate_syll_s=4))


@pytest.fixture
async def scene() -> Scene:
    return await Scene().begin()


async def test_a_spoken_turn_is_measured_when_it_is_complete(scene: Scene) -> None:
    pcm = await scene.hear()
    turn = await scene.turn()
    assert turn.features == Features(duration_s=len(pcm) / 48_000)
    assert turn.unread == ()
    assert (await scene.state()).baselines.keys() == {"ann"}


async def test_a_listener_that_is_slow_or_fails_delays_no_turn_for_long(scene: Scene) -> None:
    scene.ear.busy.clear()
    await scene.hear()
    turn = await scene.turn()
    assert (turn.status, turn.features) == ("completed", None)
    assert turn.unread[-1].because == "the reader failed (TimeoutError)"
    scene.ear.busy.set()
    scene.ear.failure = RuntimeError("words that somebody spoke")
    spoken = await scene.speak(turn_id="t2")
    await all_of(spoken)
    turn = await scene.turn("t2")
    assert turn.unread[-1].because == "the reader failed (RuntimeError)"


async def test_sound_that_cannot_be_kept_fails_the_turn_and_is_not_waited_for(scene: Scene) -> None:
    scene.ear.busy.clear()
    scene.audio.failures.append(OSError())
    with pytest.raises(OSError):  # noqa: PT011
        await scene.hear()
    assert (await scene.turn()).status == "failed"


async def test_what_was_spoken_of_an_interrupted_turn_is_measured(scene: Scene) -> None:
    spoken = await scene.speak()
    await some_of(spoken.sound, 2)
    await scene.conversation.answer(Interrupt("t1", 100))
    turn = await scene.turn()
    assert turn.status == "interrupted"
    end = turn.completion or turn.interruption
    assert end is not None
    assert end.features is not None


async def test_sound_that_was_heard_is_part_of_the_turn(scene: Scene) -> None:
    assert await scene.conversation.answer(Consider(TOLD)) is None
    answered = await scene.conversation.answer(replace(TOLD, sound=HEARD))
    turn = await scene.turn("h1")
    assert (turn.audio, turn.duration_s, turn.features) == ("b" * 64, 1.5, HEARD.features)
    assert (await scene.state()).baselines["bob"].rate.mean == 4
    assert await scene.conversation.answer(Consider(TOLD)) == answered
    assert await scene.conversation.answer(replace(TOLD, sound=HEARD)) == answered


async def test_other_sound_or_none_is_another_turn(scene: Scene) -> None:
    await scene.conversation.answer(replace(TOLD, sound=HEARD))
    for upload in ("c" * 64, None):
        with pytest.raises(TurnIdConflict):
            await scene.conversation.answer(Consider(replace(TOLD, upload=upload)))


async def test_a_turn_is_refused_before_anybody_listens(scene: Scene) -> None:
    with pytest.raises(UnknownSpeaker):
        await scene.conversation.answer(Consider(replace(TOLD, speaker_id="eve")))
    await scene.end()
    with pytest.raises(ConversationEnded):
        await scene.conversation.answer(Consider(TOLD))
    assert scene.types() == ["ended"]


async def test_the_same_state_comes_from_the_record(scene: Scene) -> None:
    await scene.conversation.answer(replace(TOLD, sound=HEARD))
    await scene.hear()
    elsewhere = await scene.wake_elsewhere()
    assert await elsewhere.state() == await scene.state()


async def test_attention_refuses_what_would_wait_too_long() -> None:
    attention = Attention(10)
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait() -> str:
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()
        return "done"

    first = asyncio.create_task(attention.give(50, wait))
    await settle()
    with pytest.raises(Busy):
        await attention.give(1, wait)
    gate.set()
    assert await first == "done"
    await settle()
    waiting = [asyncio.create_task(attention.give(5, wait)) for _ in range(2)]
    assert await asyncio.gather(*waiting) == ["done", "done"]
    attention.close()


async def test_attention_is_free_again_after_a_failure() -> None:
    attention = Attention(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await attention.give(1, lambda: 1 / 0)
        await settle()
    attention.close()
