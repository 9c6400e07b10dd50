"""Many turns at once become what they would have become one by one."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors import batch
from actors.commands import Heard, Listen, ListenToMany
from actors.refusals import ConversationEnded, Refused, UnknownSpeaker
from tests.fakes.clock import START, VirtualLoop
from tests.unit.actors.stagecraft import Scene

WORDS = (
    "I am so happy that the garden is in bloom!",
    "Where did you put the keys?",
    "yeah",
    "No, that is terrible, I hate it.",
    "Ich habe das nicht gesehen.",
    "The train leaves at nine, I think.",
    "…",
)

turns = st.builds(
    lambda name, who, text, start, length: Listen(
        f"t{name}",
        who,
        text,
        None if start is None else START + timedelta(seconds=start),
        None if start is None or length is None else START + timedelta(seconds=start + length),
    ),
    st.integers(0, 12),
    st.sampled_from(["ann", "bob", "bob", "eve"]),
    st.sampled_from(WORDS),
    st.none() | st.integers(0, 60),
    st.none() | st.integers(-1, 5),
)


async def one_by_one(asked: list[Listen]) -> tuple[list[object], list[tuple[str, str]]]:
    scene = await Scene().begin()
    told: list[object] = []
    for turn in asked:
        try:
            answer = await scene.conversation.answer(turn)
        except Refused as refusal:
            told.append(str(refusal))
        else:
            assert isinstance(answer, tuple)
            told.append(answer[0].number)
    return told, await recorded(scene)


async def together(asked: list[Listen]) -> tuple[list[object], list[tuple[str, str]]]:
    scene = await Scene().begin()
    heard = await many(scene, asked)
    told = [str(o) if isinstance(o, Refused) else o for o in heard.outcomes]
    return told, await recorded(scene)


async def many(scene: Scene, asked: list[Listen]) -> Heard:
    heard = await scene.conversation.answer(ListenToMany(tuple(asked)))
    assert isinstance(heard, Heard)
    return heard


async def recorded(scene: Scene) -> list[tuple[str, str]]:
    return [(event.type, event.data) for event in await scene.journal.read("c")]


@settings(max_examples=60)
@given(st.lists(turns, min_size=1, max_size=20), st.integers(1, 7))
def test_the_same_events_as_turn_by_turn(asked: list[Listen], of_a_part: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "WRITTEN_TOGETHER", of_a_part)
        loop = VirtualLoop()
        try:
            alone = loop.run_until_complete(one_by_one(asked))
            assert loop.run_until_complete(together(asked)) == alone
        finally:
            loop.close()


def said(count: int, first: int = 1) -> list[Listen]:
    return [Listen(f"u{n}", "bob", f"Line {n}.") for n in range(first, first + count)]


async def test_one_append_for_many() -> None:
    scene = await Scene().begin()
    before = len(scene.journal.calls)
    await many(scene, said(batch.WRITTEN_TOGETHER + 1))
    assert [len(appends) for appends in scene.journal.calls[before:]] == [1, 1]


async def test_what_was_lost_after_it_was_written_is_not_written_twice() -> None:
    scene = await Scene().begin()
    scene.journal.mishaps.append("lost after writing")
    asked = [*said(2), Listen("u9", "nobody", "Hello.")]
    heard = await many(scene, asked)
    assert heard.outcomes[:2] == (1, 2)
    assert isinstance(heard.outcomes[2], UnknownSpeaker)
    assert (await many(scene, asked)).outcomes[:2] == (1, 2)
    assert scene.types() == ["turn_heard"] * 2


async def test_two_batches_that_begin_alike_are_two() -> None:
    scene = await Scene().begin()
    scene.journal.mishaps.append("lost before writing")
    await many(scene, said(1))
    assert (await many(scene, said(3))).outcomes == (1, 2, 3)


async def test_nothing_of_a_conversation_that_is_over() -> None:
    scene = await Scene().begin()
    await scene.end()
    with pytest.raises(ConversationEnded):
        await many(scene, said(2))
    assert scene.types() == ["ended"]
