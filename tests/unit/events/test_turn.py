import pytest

from events.direction import Direction, Phrase
from events.transcript import Transcript
from events.turn import Turn, TurnStatus
from events.turns import Timings, TurnBegun, TurnExtended, TurnHeard
from tests.unit.events.facts import NOON, at, begun, completed, failed, heard, interrupted


def turn(opening: TurnBegun | TurnHeard, *ends: object) -> Turn:
    transcript = Transcript()
    for event in (opening, *ends):
        transcript.apply(event)
    found = transcript.get(opening.turn_id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("found", "status", "heard_text"),
    [
        (turn(heard()), "completed", "Hi there."),
        (turn(begun()), "begun", ""),
        (turn(begun(), completed()), "completed", "One two three."),
        (turn(begun(), interrupted()), "interrupted", "One"),
        (turn(begun(), completed(), interrupted()), "interrupted", "One"),
        (turn(begun(), failed()), "failed", ""),
        (turn(begun(), failed(), begun()), "begun", ""),
    ],
)
def test_a_turn_is_what_its_events_make_of_it(
    found: Turn, status: TurnStatus, heard_text: str
) -> None:
    assert (found.status, found.heard_text) == (status, heard_text)


def test_a_turn_that_was_cut_short_knows_the_words_of_its_whole_sound() -> None:
    found = turn(begun(), completed(), interrupted())
    assert [word.word for word in found.words] == ["One", "two", "three."]
    assert (found.audio, found.duration_s) == ("aa", 0.6)


def test_a_turn_that_was_never_finished_has_the_sound_that_was_made() -> None:
    cut = interrupted(audio="bb", duration_s=0.7, words=(("One", 0.0, 0.5),))
    found = turn(begun(), cut)
    assert (found.audio, [word.word for word in found.words]) == ("bb", ["One"])


@pytest.mark.parametrize(
    ("found", "again"),
    [
        (turn(heard()), False),
        (turn(begun()), False),
        (turn(begun(), failed()), True),
        (turn(begun(), interrupted()), False),
        (turn(begun(), interrupted(cause="listener_left")), True),
        (turn(begun(), completed(), interrupted(cause="listener_left")), False),
    ],
)
def test_only_a_turn_without_whole_audio_that_nobody_stopped_is_spoken_again(
    found: Turn, again: bool
) -> None:
    assert found.speakable_again == again


def test_a_turn_begins_and_ends_in_time() -> None:
    told = turn(heard(started_at=at(-2), ended_at=at(-1)))
    assert (told.started_at, told.ended_at, told.duration_s) == (at(-2), at(-1), 1.0)
    assert turn(heard()).ended_at == NOON
    assert turn(begun()).ended_at is None
    assert turn(begun(), failed()).ended_at == at(3)
    spoken = turn(begun(), completed(timings=Timings(first_audio_ms=100)))
    assert spoken.ended_at == at(2.1)


def test_a_turn_that_goes_on_is_all_of_its_pieces() -> None:
    short = turn(begun(text="Well, "))
    longer = short.extend(
        TurnExtended(
            turn_id="t1",
            text="is it late?",
            direction=Direction(voice="af_heart", phrases=(Phrase(text="is it late?"),)),
            extended_at=NOON,
            act="yes_no_question",
        )
    )
    assert (short.text, longer.text, longer.act) == (
        "Well, ",
        "Well, is it late?",
        "yes_no_question",
    )
    assert longer.direction is not None
    assert [phrase.text for phrase in longer.direction.phrases][-1] == "is it late?"
    done = longer.close(completed())
    assert (done.text, done.heard_text) == (longer.text, longer.text)


@pytest.mark.parametrize(
    ("played_ms", "cut"), [(0, None), (100, "Well,"), (200, None), (300, None), (500, "late?")]
)
def test_the_word_that_was_being_spoken_is_cut(played_ms: int, cut: str | None) -> None:
    words = (("Well,", 0.0, 0.2), ("late?", 0.4, 0.8))
    spoken = turn(begun(text="Well, late?"), completed(words=words, duration_s=1.0))
    assert spoken.close(interrupted(audio_played_ms=played_ms)).cut_word == cut
