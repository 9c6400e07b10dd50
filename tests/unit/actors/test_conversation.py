"""A turn happens exactly once, and the record says what was heard."""

import asyncio
import itertools
from datetime import timedelta

import pytest

from actors.commands import (
    Fork,
    GetState,
    GetTurn,
    GetTurns,
    Interrupt,
    Join,
    Leave,
    Listen,
    Newcomer,
    Obey,
    Obeyed,
    Start,
)
from actors.engines.base import EngineError
from actors.journal import JournalUnreachable
from actors.refusals import (
    Busy,
    ConversationEnded,
    NotYetStarted,
    SpeechFailed,
    TurnIdConflict,
    TurnNotSpoken,
    UnknownConversation,
    UnknownTurn,
    UnknownVersion,
)
from actors.take import LINGERS_S
from events.log import LogUnavailable
from events.state import State
from events.turn import Turn
from tests.fakes import Take
from tests.fakes.clock import START, settle
from tests.unit.actors.stagecraft import TEXT, Scene, all_of, some_of


def held(after: int = 3) -> Take:
    return Take(waits_after=after)


async def test_a_line_is_begun_spoken_kept_and_completed() -> None:
    scene = await Scene().begin()
    pcm = await scene.hear()
    turn = await scene.turn()
    assert scene.types() == ["turn_begun", "turn_completed"]
    assert (turn.number, turn.status, turn.heard_text) == (1, "completed", TEXT)
    assert turn.audio is not None
    assert scene.audio.kept[turn.audio] == pcm != b""
    assert [word.word for word in turn.words] == TEXT.split()
    assert turn.duration_s == pytest.approx(len(pcm) / 48_000)


async def test_no_sound_leaves_before_the_beginning_is_durable() -> None:
    scene = await Scene().begin()
    scene.journal.hold()
    speaking = asyncio.create_task(scene.hear())
    await settle()
    assert scene.stage.asked, "synthesis starts at once"
    assert not speaking.done()
    assert scene.types() == []
    scene.journal.free()
    assert await speaking
    assert scene.types() == ["turn_begun", "turn_completed"]


async def test_no_sound_leaves_if_the_beginning_cannot_be_recorded() -> None:
    scene = await Scene(held()).begin()
    scene.journal.mishaps.append("disk full")
    with pytest.raises(LogUnavailable):
        await scene.speak()
    await settle()
    assert scene.stage.stopped == 1
    assert not scene.conversation.busy
    assert await scene.hear()
    assert scene.types() == ["turn_begun", "turn_completed"]


@pytest.mark.parametrize("mishap", ["lost before writing", "lost after writing"])
async def test_a_beginning_of_unknown_outcome_is_spoken_once(mishap: str) -> None:
    scene = await Scene().begin()
    scene.journal.mishaps.append(mishap)  # type: ignore[arg-type]
    whole = await scene.hear()
    assert whole == scene.audio.kept[(await scene.turn()).audio or ""]
    assert scene.types() == ["turn_begun", "turn_completed"]


async def test_a_repetition_is_answered_from_the_record() -> None:
    scene = await Scene().begin()
    pcm = await scene.hear()
    asked = len(scene.stage.asked)
    again = await scene.speak("two")
    assert again.sound is None
    assert again.turn.audio is not None
    assert scene.audio.kept[again.turn.audio] == pcm
    assert len(scene.stage.asked) == asked
    assert scene.types() == ["turn_begun", "turn_completed"]


async def test_a_repetition_while_it_is_spoken_hears_the_same_samples() -> None:
    take = held()
    scene = await Scene(take).begin()
    first = await scene.speak("one")
    beginning = await some_of(first.sound, 2)
    second = await scene.speak("two")
    take.go_on.set()
    assert beginning + await all_of(first) == await all_of(second)
    assert scene.types() == ["turn_begun", "turn_completed"]


async def test_two_who_ask_at_the_same_moment_hear_the_same_turn() -> None:
    scene = await Scene().begin()
    one, two = await asyncio.gather(scene.hear("one"), scene.hear("two"))
    assert one == two
    assert scene.types() == ["turn_begun", "turn_completed"]


@pytest.mark.parametrize("other", [{"text": "Else."}, {"speed": 2.0}, {"voice": "am_puck"}])
async def test_the_same_name_for_other_words_is_a_conflict(other: dict[str, object]) -> None:
    take = held()
    scene = await Scene(take).begin()
    first = await scene.speak()
    with pytest.raises(TurnIdConflict):
        await scene.speak("two", **other)
    take.go_on.set()
    assert await all_of(first)
    with pytest.raises(TurnIdConflict):
        await scene.speak("two", **other)


async def test_what_was_heard_under_a_name_keeps_it() -> None:
    scene = await Scene().begin()
    first = await scene.listen("Hi.")
    assert await scene.listen("Hi.") == first
    with pytest.raises(TurnIdConflict):
        await scene.listen("Other words.")
    assert scene.types() == ["turn_heard"]


async def test_a_listener_who_leaves_interrupts_at_what_was_delivered() -> None:
    scene = await Scene(held()).begin()
    spoken = await scene.speak()
    pcm = await some_of(spoken.sound, 3)
    delivered_ms = len(pcm) // 48
    await scene.leave("one", delivered_ms)
    turn = await scene.turn()
    assert turn.interruption is not None
    assert (turn.status, turn.interruption.cause) == ("interrupted", "listener_left")
    assert turn.interruption.audio_played_ms == delivered_ms
    assert scene.audio.kept[turn.audio or ""] == pcm
    assert turn.heard_text
    assert f"{turn.heard_text} {turn.interruption.unheard_text}" == TEXT
    assert scene.stage.stopped == 1
    assert not scene.conversation.busy


async def test_leaving_is_recorded_when_it_is_told_again_after_the_log_failed() -> None:
    scene = await Scene(Take()).begin()
    scene.journal.mishaps.extend([None, "disk full", "disk full", "disk full"])
    spoken = await scene.speak()
    with pytest.raises(LogUnavailable):
        await all_of(spoken)
    with pytest.raises(LogUnavailable):
        await scene.leave("one", 500)
    assert (await scene.turn()).status == "begun"
    await scene.leave("one", 500)
    turn = await scene.turn()
    assert turn.interruption is not None
    assert turn.interruption.audio_played_ms == 500
    assert turn.heard_text
    assert scene.types() == ["turn_begun", "turn_interrupted"]


async def test_a_turn_goes_on_while_anybody_listens() -> None:
    take = held()
    scene = await Scene(take).begin()
    one, two = await scene.speak("one"), await scene.speak("two")
    await some_of(one.sound, 1)
    await scene.leave("one", 100)
    take.go_on.set()
    assert await all_of(two)
    await scene.leave("two", 0, whole=True)
    assert (await scene.turn()).status == "completed"


async def test_leaving_after_the_end_of_the_synthesis_is_an_interruption_too() -> None:
    scene = await Scene().begin()
    await scene.speak()
    await settle()
    await scene.leave("one", 500)
    turn = await scene.turn()
    assert scene.types() == ["turn_begun", "turn_completed", "turn_interrupted"]
    assert turn.interruption is not None
    assert turn.interruption.audio_played_ms == 500
    again = await scene.speak("two")
    assert again.sound is None
    assert len(scene.audio.kept[again.turn.audio or ""]) == turn.completion.duration_s * 48_000  # type: ignore[union-attr]


async def test_a_turn_whose_listener_left_is_spoken_again_and_may_be_left_again() -> None:
    scene = await Scene(held(), held()).begin()
    for pieces in (3, 2):
        spoken = await scene.speak()
        await some_of(spoken.sound, pieces)
        await scene.leave("one", 100)
        assert (await scene.turn()).status == "interrupted"
    whole = await scene.hear()
    turn = await scene.turn()
    assert (turn.number, turn.status) == (1, "completed")
    assert scene.audio.kept[turn.audio or ""] == whole
    ends = ["turn_interrupted", "turn_interrupted", "turn_completed"]
    assert scene.types() == [t for end in ends for t in ("turn_begun", end)]


async def test_a_turn_left_once_and_taken_up_again_can_be_barged_into() -> None:
    scene = await Scene(held(), held()).begin()
    await some_of((await scene.speak()).sound, 2)
    await scene.leave("one", 100)
    await some_of((await scene.speak()).sound, 2)
    cut = await scene.conversation.interrupt(Interrupt("t1", 300, "bob"))
    assert cut.interruption is not None
    assert (cut.interruption.by, cut.interruption.audio_played_ms) == ("bob", 300)


async def test_a_listener_of_an_earlier_take_does_not_interrupt_the_next() -> None:
    take = held()
    scene = await Scene(Take(dies_after=0), Take(dies_after=0), Take(dies_after=0), take).begin()
    failed = await scene.speak("one")
    with pytest.raises(SpeechFailed):
        await all_of(failed)
    again = await scene.speak("two")
    await scene.leave("one", 0)
    take.go_on.set()
    assert await all_of(again)
    assert (await scene.turn()).status == "completed"


async def test_a_barge_in_stops_the_sound_and_says_what_was_heard() -> None:
    scene = await Scene(held(5)).begin()
    spoken = await scene.speak()
    pcm = await some_of(spoken.sound, 5)
    turn = await scene.conversation.interrupt(Interrupt("t1", 700, "bob"))
    assert await all_of(spoken) == b""
    cut = turn.interruption
    assert cut is not None
    assert (cut.by, cut.cause, cut.audio_played_ms) == ("bob", "barge_in", 700)
    assert 0 < len(cut.heard_text.split()) < len(TEXT.split())
    assert f"{cut.heard_text} {cut.unheard_text}" == TEXT
    assert scene.audio.kept[turn.audio or ""] == pcm
    assert scene.stage.stopped == 1


async def test_a_barge_in_after_the_end_keeps_the_whole_sound() -> None:
    scene = await Scene().begin()
    pcm = await scene.hear()
    turn = await scene.conversation.interrupt(Interrupt("t1", 200, "bob"))
    assert turn.status == "interrupted"
    assert scene.audio.kept[turn.audio or ""] == pcm
    assert turn.heard_text != TEXT


async def test_the_first_interruption_stands() -> None:
    scene = await Scene().begin()
    await scene.hear()
    first = await scene.conversation.interrupt(Interrupt("t1", 200, "bob"))
    assert await scene.conversation.interrupt(Interrupt("t1", 900, "eve")) == first
    assert scene.types().count("turn_interrupted") == 1


async def test_two_who_interrupt_at_once_are_told_the_same() -> None:
    scene = await Scene(held()).begin()
    await some_of((await scene.speak()).sound, 3)
    one, two = await asyncio.gather(
        *(scene.conversation.interrupt(Interrupt("t1", ms, "bob")) for ms in (300, 100))
    )
    assert one == two
    assert scene.types() == ["turn_begun", "turn_interrupted"]


async def test_an_interruption_that_could_not_be_kept_can_be_asked_again() -> None:
    scene = await Scene(held(5)).begin()
    pcm = await some_of((await scene.speak()).sound, 5)
    scene.audio.failures.append(OSError("no space"))
    with pytest.raises(OSError, match="no space"):
        await scene.conversation.interrupt(Interrupt("t1", 700, "bob"))
    turn = await scene.conversation.interrupt(Interrupt("t1", 700, "bob"))
    assert scene.audio.kept[turn.audio or ""] == pcm
    assert turn.heard_text


async def test_an_interruption_that_could_not_be_kept_leaves_the_turn_speakable() -> None:
    scene = await Scene(held()).begin()
    await some_of((await scene.speak()).sound, 3)
    scene.audio.failures.append(OSError("no space"))
    with pytest.raises(OSError, match="no space"):
        await scene.leave("one", 100)
    assert await scene.hear("two")
    ends = ["turn_failed", "turn_completed"]
    assert scene.types() == [t for end in ends for t in ("turn_begun", end)]


async def test_what_is_being_interrupted_cannot_be_joined() -> None:
    scene = await Scene(held()).begin()
    await some_of((await scene.speak()).sound, 3)
    scene.journal.hold()
    cutting = asyncio.create_task(scene.conversation.interrupt(Interrupt("t1", 100)))
    await settle()
    joining = asyncio.create_task(scene.speak("two"))
    await settle()
    scene.journal.free()
    await cutting
    outcome = (await asyncio.gather(joining, return_exceptions=True))[0]
    assert isinstance(outcome, Busy) or outcome.turn.status == "interrupted"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("refusal", "raised", "cause"),
    [(EngineError("broken"), SpeechFailed, "engine"), (Busy(2), Busy, "busy")],
)
async def test_a_failure_is_recorded_and_the_turn_can_be_asked_for_again(
    refusal: Exception, raised: type[Exception], cause: str
) -> None:
    scene = await Scene(Take(refusal=refusal)).begin()
    spoken = await scene.speak()
    with pytest.raises(raised):
        await all_of(spoken)
    failed = await scene.turn()
    assert failed.failure is not None
    assert (failed.status, failed.failure.cause, failed.heard_text) == ("failed", cause, "")
    assert await scene.hear()
    turn = await scene.turn()
    assert (turn.number, turn.status) == (1, "completed")


async def test_a_failure_in_the_middle_reaches_all_listeners() -> None:
    take = held(2)
    scene = await Scene(take, *[Take(dies_after=1)] * 3).begin()
    both = [await scene.speak(name, text=f"{TEXT} More.") for name in ("one", "two")]
    take.go_on.set()
    for spoken in both:
        with pytest.raises(SpeechFailed, match="ask for it again"):
            await all_of(spoken)


async def test_who_comes_to_join_a_turn_as_it_fails_has_it_spoken_again() -> None:
    scene = await Scene(*[Take(dies_after=2)] * 3).begin()
    first = await scene.speak("one")
    second = await scene.speak("two")
    with pytest.raises(SpeechFailed):
        await all_of(first)
    assert await all_of(second)
    assert (await scene.turn()).status == "completed"


async def test_sound_that_cannot_be_kept_is_a_failed_turn() -> None:
    scene = await Scene().begin()
    scene.audio.failures.append(OSError("no space"))
    with pytest.raises(OSError, match="no space"):
        await scene.hear()
    assert (await scene.turn()).status == "failed"
    assert await scene.hear("two")
    assert (await scene.turn()).status == "completed"


async def test_an_end_that_could_not_be_recorded_leaves_the_turn_speakable() -> None:
    take = held()
    scene = await Scene(take).begin()
    spoken = await scene.speak()
    scene.journal.mishaps.extend(["disk full", "disk full"])
    take.go_on.set()
    with pytest.raises(LogUnavailable):
        await all_of(spoken)
    assert (await scene.turn()).status == "begun"
    assert await scene.hear("two")
    turn = await scene.turn()
    assert turn.status == "completed"
    ends = ["turn_failed", "turn_completed"]
    assert scene.types() == [t for end in ends for t in ("turn_begun", end)]


async def test_whoever_asks_and_goes_away_leaves_no_open_turn() -> None:
    scene = await Scene().begin()
    scene.journal.hold()
    asking = asyncio.create_task(scene.speak())
    await settle()
    asking.cancel()
    scene.journal.free()
    await asyncio.wait([asking])
    await scene.finished()
    assert await scene.hear("two")
    assert (await scene.turn()).status == "completed"


async def test_after_a_crash_what_was_being_spoken_is_lost_and_can_be_asked_again() -> None:
    scene = await Scene(held()).begin()
    await some_of((await scene.speak()).sound, 1)
    later = await scene.wake_elsewhere()
    lost = await later.turn()
    assert lost.failure is not None
    assert (lost.status, lost.failure.cause) == ("failed", "lost")
    assert await later.hear()
    turn = await later.turn()
    assert (turn.number, turn.status) == (1, "completed")


async def test_waking_again_changes_nothing() -> None:
    scene = await Scene().begin()
    await scene.hear()
    await scene.listen("Thank you.")
    state = await scene.state()
    for _ in range(2):
        scene = await scene.wake_elsewhere()
        assert await scene.state() == state


async def test_it_sleeps_only_when_nothing_is_being_spoken() -> None:
    take = held()
    scene = await Scene(take).begin()
    spoken = await scene.speak()
    assert not await scene.conversation.sleep()
    take.go_on.set()
    assert await all_of(spoken)
    await scene.leave("one", 0, whole=True)
    await scene.finished()
    assert await scene.conversation.sleep()


async def spoken_to(*listeners: str) -> Scene:
    """A turn that has been spoken, to several who all still listen."""
    take = held()
    scene = await Scene(take).begin()
    for name in listeners:
        await scene.speak(name)
    take.go_on.set()
    await settle()
    return scene


async def test_it_does_not_sleep_while_it_may_be_listened_to() -> None:
    scene = await spoken_to("one", "two", "three")
    await scene.leave("one", 300)
    await scene.leave("two", 0, whole=True)
    assert not await scene.conversation.sleep()
    await scene.leave("three", 500)
    assert await scene.conversation.sleep()
    assert (await (await scene.wake_elsewhere()).turn()).status == "completed", (
        "somebody heard all of it"
    )


async def test_the_most_that_anybody_heard_is_recorded_in_whatever_order_they_leave() -> None:
    for heard in itertools.permutations((100, 700, 300)):
        scene = await spoken_to(*map(str, heard))
        for name in heard:
            assert not await scene.conversation.sleep()
            await scene.leave(str(name), name)
        cut = (await scene.turn()).interruption
        assert cut is not None
        assert cut.audio_played_ms == 700


async def test_who_never_leaves_does_not_keep_it_awake_for_ever() -> None:
    scene = await Scene().begin()
    await scene.speak()
    await settle()
    plays_s = (await scene.turn()).duration_s
    scene.clock.advance(plays_s + LINGERS_S - 0.1)
    assert not await scene.conversation.sleep()
    scene.clock.advance(0.1)
    assert await scene.conversation.sleep()


async def test_a_turn_that_failed_has_no_listeners() -> None:
    scene = await Scene(*[Take(dies_after=0)] * 3).begin()
    with pytest.raises(SpeechFailed):
        await all_of(await scene.speak())
    await settle()
    assert await scene.conversation.sleep()


async def test_who_leaves_when_nobody_knows_what_the_others_heard_changes_nothing() -> None:
    scene = await spoken_to("one", "two")
    await scene.leave("one", 0, whole=True)
    later = await scene.wake_elsewhere()  # their process died
    await later.leave("two", 300)
    assert (await later.turn()).status == "completed"


async def test_what_is_unknown_is_refused() -> None:
    scene = Scene()
    await scene.conversation.wake()
    for ask in (GetState(), GetTurns()):
        with pytest.raises(UnknownConversation):
            await scene.conversation.answer(ask)
    await scene.begin()
    with pytest.raises(UnknownTurn):
        await scene.turn("nothing")
    with pytest.raises(UnknownTurn):
        await scene.conversation.answer(Interrupt("nothing", 1))
    await scene.listen("Hi.")
    with pytest.raises(TurnNotSpoken):
        await scene.conversation.answer(Interrupt("h1", 1))
    await scene.leave("nobody", 1)
    assert scene.types() == ["turn_heard"]


async def test_the_state_as_it_was_at_every_version() -> None:
    scene = await Scene().begin()
    states = [await scene.state()]
    for number in range(3):
        await scene.listen(f"Number {number}.", f"h{number}")
        states.append(await scene.state())
    for state in states:
        assert await scene.conversation.answer(GetState(version=state.version)) == state
    for version in (0, states[-1].version + 1):
        with pytest.raises(UnknownVersion):
            await scene.conversation.answer(GetState(version=version))


async def test_the_state_as_it_was_at_a_moment() -> None:
    scene = await Scene().begin()
    scene.journal.log._clock = scene.clock.now
    scene.clock.advance(10)
    await scene.listen("Hi.")
    then = await scene.conversation.answer(GetState(at=START + timedelta(seconds=5)))
    assert isinstance(then, State)
    assert then.turn_count == 0
    with pytest.raises(NotYetStarted):
        await scene.conversation.answer(GetState(at=START - timedelta(seconds=5)))


async def test_turns_are_given_from_a_number_on() -> None:
    scene = await Scene().begin()
    for number in range(1, 5):
        await scene.listen(f"Number {number}.", f"h{number}")
    found = await scene.conversation.answer(GetTurns(after=1, limit=2))
    assert isinstance(found, tuple)
    assert [turn.number for turn in found if isinstance(turn, Turn)] == [2, 3]


async def test_an_ended_conversation_takes_no_more_and_plays_what_it_had() -> None:
    scene = await Scene().begin()
    await scene.hear()
    await scene.end()
    with pytest.raises(ConversationEnded):
        await scene.listen("Hi.")
    with pytest.raises(ConversationEnded):
        await scene.speak(turn_id="t2")
    assert (await scene.speak()).turn.status == "completed"


async def test_commands_say_whether_they_made_a_difference() -> None:
    scene = await Scene().begin()
    for name, command in (
        ("join", Join(Newcomer("eve"))),
        ("leave", Leave("eve")),
    ):
        for attempt, new in (("a", True), ("b", False)):
            obeyed = await scene.conversation.answer(Obey(f"{name}{attempt}", command))
            assert isinstance(obeyed, Obeyed)
            assert obeyed.new is new
    people = (Newcomer("ann"), Newcomer("bob", role="human"))
    again = await scene.conversation.answer(Obey("again", Start(people)))
    assert isinstance(again, Obeyed)
    assert not again.new


async def test_a_fork_is_a_conversation_of_its_own() -> None:
    scene = await Scene().begin()
    await scene.hear()
    past = tuple(await scene.journal.read("c"))
    other = await Scene().begin()
    fork = type(other.conversation)("f", scene.means)
    await fork.wake()
    obeyed = await fork.answer(Obey("fork", Fork("c", past)))
    assert isinstance(obeyed, Obeyed)
    assert obeyed.state.forked_from == ("c", len(past))
    assert await fork.answer(Listen("h1", "bob", "Hi."))
    turn = await fork.answer(GetTurn("h1"))
    assert isinstance(turn, Turn)
    assert turn.number == 2
    assert (await scene.state()).turn_count == 1


async def test_who_cannot_reach_the_scribe_asks_again_in_the_same_words() -> None:
    scene = await Scene().begin()
    scene.journal.mishaps.append("lost after writing")
    scene.journal.open_failures.extend([JournalUnreachable("gone")] * 9)
    with pytest.raises(JournalUnreachable):
        await scene.listen("Hi.")
    scene.journal.open_failures.clear()
    await scene.listen("Hi.")
    assert scene.types() == ["turn_heard"]
