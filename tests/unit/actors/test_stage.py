"""The performance of a line, whatever happens to the workers."""

from collections.abc import Sequence
from contextlib import aclosing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.engines.base import EngineError, Sound
from actors.engines.scripted import ScriptedEngine
from actors.prosody import plain
from actors.refusals import Busy
from actors.synthesis.stage import FIRST_SOUND_WITHIN_S, WorkerDied, perform
from actors.synthesis.worker import SynthesisWorker
from events.direction import Phrase
from tests.fakes import Clock, LocalStage, Take

TEXT = "Well, this is the first sentence of several, and it is rather long. Here is another one."
LINE = plain(TEXT, voice="af_heart", speed=1.0)


async def performed(*takes: Take, text: str = TEXT) -> list[Sound]:
    line = plain(text, voice="af_heart", speed=1.0)
    return [sound async for sound in perform(LocalStage(*takes), line, clock=Clock())]


def pcm(sounds: Sequence[Sound]) -> bytes:
    return b"".join(sound.pcm for sound in sounds)


async def test_words_come_in_order_with_times_from_the_start_of_the_turn() -> None:
    words = [word for sound in await performed() for word in sound.words]
    assert [word.word for word in words] == TEXT.split()
    starts = [word.start_s for word in words]
    assert starts == sorted(starts)
    assert words[-1].end_s <= len(pcm(await performed())) / 48_000


async def test_phrases_are_separated_by_their_pauses() -> None:
    engine = ScriptedEngine(sleep=lambda _: None)
    alone = [pcm(list(engine.synthesise(phrase, "af_heart"))) for phrase in LINE.phrases]
    assert len(LINE.phrases) == 3
    assert pcm(await performed()) == b"".join(alone)


@settings(max_examples=40)
@given(st.lists(st.one_of(st.none(), st.integers(0, 12)), max_size=6))
async def test_no_byte_twice_and_none_missing_whoever_dies(deaths: list[int | None]) -> None:
    whole = await performed()
    takes, in_a_row = [], 0
    for after in deaths:  # two deaths in a row at most: the third take must succeed
        in_a_row = in_a_row + 1 if after is not None else 0
        dies = after if in_a_row < 3 else None
        in_a_row = 0 if dies is None else in_a_row
        takes.append(Take(dies_after=dies))
    survived = await performed(*takes)
    assert pcm(survived) == pcm(whole)
    words = [word for sound in survived for word in sound.words]
    assert words == [word for sound in whole for word in sound.words]


async def test_a_phrase_that_kills_three_workers_is_given_up() -> None:
    with pytest.raises(WorkerDied):
        await performed(*[Take(dies_after=1)] * 3)


@pytest.mark.parametrize("refusal", [Busy(3), EngineError("no such sound")])
async def test_a_refusal_is_passed_on_at_once(refusal: Exception) -> None:
    with pytest.raises(type(refusal)):
        await performed(Take(refusal=refusal))


async def test_the_deadline_is_when_the_listener_would_run_dry() -> None:
    stage, clock = LocalStage(), Clock()
    delivered = 0
    async for sound in perform(stage, LINE, clock=clock):
        delivered += len(sound.pcm)
        clock.advance(0.01)
    deadlines = [deadline for _, _, deadline in stage.asked]
    assert deadlines[0] == FIRST_SOUND_WITHIN_S
    assert deadlines == sorted(deadlines)
    assert deadlines[-1] < delivered / 48_000 + FIRST_SOUND_WITHIN_S


@settings(max_examples=20)
@given(st.lists(st.one_of(st.none(), st.integers(0, 12)), max_size=4))
async def test_a_phrase_comes_after_the_sound_of_those_before_whoever_dies(
    deaths: list[int | None],
) -> None:
    deaths = [after if number % 2 else None for number, after in enumerate(deaths)]
    stage = LocalStage(*(Take(dies_after=after) for after in deaths))
    ends = {LINE.phrases[0]: 0.0}
    async for sound in perform(stage, LINE, clock=Clock()):
        phrase = stage.asked[-1][0]
        ends[phrase] = ends.get(phrase, 0.0) + len(sound.pcm) / 48_000
    for (phrase, _, _), after_s in zip(stage.asked, stage.after, strict=True):
        before = LINE.phrases[: LINE.phrases.index(phrase)]
        assert after_s == pytest.approx(sum(ends[each] for each in before))


async def test_closing_stops_the_synthesis_before_it_returns() -> None:
    stage = LocalStage()
    async with aclosing(perform(stage, LINE, clock=Clock())) as sounds:
        await anext(sounds)
    assert stage.stopped == 1
    assert len(stage.asked) == 1


def test_a_worker_stops_between_two_pieces() -> None:
    worker = SynthesisWorker(ScriptedEngine(sleep=lambda _: None))
    sounds = worker.synthesise(7, Phrase(text="a sentence of some length, to be cut"), "af_heart")
    next(sounds)
    worker.cancel(7)
    assert list(sounds) == []


def test_a_worker_says_for_whom_it_speaks() -> None:
    worker = SynthesisWorker(ScriptedEngine(sleep=lambda _: None))
    said = [set(worker.speaking)]
    for lease_id in (7, 8):
        sounds = worker.synthesise(lease_id, Phrase(text="a sentence of some length"), "af_heart")
        next(sounds)
        said.append(set(worker.speaking))
        list(sounds)
        said.append(set(worker.speaking))
    assert said == [set(), {7}, set(), {8}, set()]


def test_a_cancel_that_comes_too_late_stops_nobody_else() -> None:
    worker = SynthesisWorker(ScriptedEngine(sleep=lambda _: None))
    worker.cancel(7)
    assert list(worker.synthesise(8, Phrase(text="hello"), "af_heart"))
    assert worker.engine().voices[0].id == "af_alloy"
