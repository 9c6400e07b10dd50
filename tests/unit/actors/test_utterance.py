import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.engines.base import Sound
from actors.utterance import MOST_TOGETHER, Utterance, whole_words
from events.turns import WordTime
from tests.fakes.clock import settle

A, B, C = (bytes([n]) * 4800 for n in (1, 2, 3))  # 100 ms each


async def all_of(sound: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in sound])


async def test_whoever_comes_late_hears_all_from_the_start() -> None:
    utterance = Utterance()
    early = asyncio.create_task(all_of(utterance.join("early")))
    utterance.add(Sound(A))
    await settle()
    late = asyncio.create_task(all_of(utterance.join("late")))
    utterance.add(Sound(B))
    await settle()
    utterance.finish()
    afterwards = utterance.join("afterwards")
    assert await early == await late == await all_of(afterwards) == A + B == utterance.pcm


async def test_pieces_reach_a_waiting_listener_one_by_one() -> None:
    utterance = Utterance()
    sound = utterance.join("one")
    for piece in (A, B, C):
        waiting = asyncio.ensure_future(anext(sound))
        await settle(3)
        assert not waiting.done()
        utterance.add(Sound(piece))
        assert await waiting == piece


async def test_pieces_that_are_there_go_together_but_not_too_many() -> None:
    utterance = Utterance()
    for _ in range(MOST_TOGETHER + 2):
        utterance.add(Sound(A))
    utterance.finish()
    assert [piece async for piece in utterance.join("one")] == [A * MOST_TOGETHER, A * 2]


async def test_a_failure_reaches_every_listener_after_what_there_was() -> None:
    utterance = Utterance()
    listeners = [utterance.join(name) for name in "ab"]
    utterance.add(Sound(A))
    utterance.fail(RuntimeError("broken"))
    for sound in (*listeners, utterance.join("late")):
        assert await anext(sound) == A
        with pytest.raises(RuntimeError, match="broken"):
            await anext(sound)


async def test_who_has_parted_is_given_nothing_more() -> None:
    utterance = Utterance()
    gone, still = (asyncio.create_task(all_of(utterance.join(name))) for name in ("gone", "still"))
    utterance.add(Sound(A))
    await settle()
    assert utterance.part("gone", 100, whole=False) is None
    assert await gone == A
    utterance.add(Sound(B))
    utterance.finish()
    assert await still == A + B


async def test_the_last_to_part_says_how_much_anybody_was_given() -> None:
    utterance = Utterance()
    for name in "abc":
        utterance.join(name)
    assert utterance.part("a", 300, whole=False) is None
    assert utterance.part("b", 200, whole=False) is None
    assert utterance.listeners == 1
    assert utterance.part("c", 100, whole=False) == 300


async def test_nothing_was_cut_short_where_somebody_was_given_the_whole() -> None:
    utterance = Utterance()
    for name in "ab":
        utterance.join(name)
    assert utterance.part("a", 300, whole=True) is None
    assert utterance.part("b", 100, whole=False) is None


async def test_parting_twice_says_the_same_and_from_an_earlier_take_nothing() -> None:
    utterance = Utterance()
    assert utterance.part("of an earlier take", 100, whole=False) is None
    utterance.join("a")
    assert utterance.part("a", 100, whole=False) == 100
    assert utterance.part("a", 100, whole=False) == 100


def test_the_length_is_that_of_all_samples() -> None:
    utterance = Utterance()
    for piece in (A, B, C):
        utterance.add(Sound(piece))
    assert utterance.duration_s == pytest.approx(0.3)


WORD = st.text(alphabet="abc", min_size=1, max_size=12)


@given(st.lists(WORD, max_size=20), st.integers(1, 5), st.data())
def test_words_spoken_in_pieces_are_whole_again(
    written: list[str], size: int, data: st.DataObject
) -> None:
    pieces = [word[i : i + size] for word in written for i in range(0, len(word), size)]
    spoken = [WordTime(piece, n, n + 1) for n, piece in enumerate(pieces)]
    begun = data.draw(st.integers(0, len(spoken)))
    times = whole_words(spoken[:begun], written)
    assert [time.word for time in times] == written[: len(times)]
    assert [w.end_s for w in times[:-1]] == [w.start_s for w in times[1:]]
    assert (times[-1].end_s if times else 0) == begun
    if begun == len(spoken):
        assert len(times) == len(written)


async def test_whoever_follows_is_given_the_rest_with_the_words_that_end_in_it() -> None:
    utterance = Utterance()
    utterance.add(Sound(b"\1\0" * 2400, (WordTime("one", 0.0, 0.05), WordTime("two", 0.06, 0.15))))
    following = utterance.follow("x", 2000)
    portions = [await anext(following)]
    utterance.add(Sound(b"\2\0" * 2400, (WordTime("three", 0.16, 0.2),)))
    utterance.finish()
    portions += [portion async for portion in following]
    assert [portion.sample for portion in portions] == [2000, 2400]
    assert b"".join(portion.pcm for portion in portions) == b"\1\0" * 400 + b"\2\0" * 2400
    assert [(p.word, [word.word for word in p.words]) for p in portions] == [
        (1, ["two"]),
        (2, ["three"]),
    ]
