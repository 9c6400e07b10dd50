"""A turn is read in the light of those before it; no failure of a reader is one of the turn."""

import subprocess
import sys
from time import process_time

import pytest

from actors.understanding.affect import Context
from actors.understanding.reader import Line, Reading, TextReader
from events.readings import Affect, Unread
from events.state import State, evolve
from tests.unit.events.facts import at, heard


class Failing:
    def __call__(self, text: str, context: Context) -> Affect:
        raise ValueError(text)


class Conversation:
    """What is heard is read, and recorded with it."""

    def __init__(self) -> None:
        self.reader = TextReader()
        self.state = State("c")

    def say(self, speaker: str, text: str, begin: float, end: float) -> Reading:
        reading = self.reader.read(self.state, Line(speaker, text, at(end), at(begin)))
        told = {name: getattr(reading, name) for name in Reading.__slots__}
        times = {"heard_at": at(end), "started_at": at(begin), "ended_at": at(end)}
        number = self.state.turn_count + 1
        self.state = evolve(self.state, heard(number, speaker, text, **told, **times))
        return reading


def test_a_turn_is_read_in_all_respects() -> None:
    reading = Conversation().say("ann", "I love this beautiful garden!", 0, 2)
    assert reading.affect is not None
    assert reading.affect.category == "joy"
    assert reading.act == "statement"
    assert reading.topic is not None
    assert "garden" in reading.topic.label
    assert reading.timing is not None
    assert (reading.timing.gap_ms, reading.timing.floor) == (None, None)
    assert reading.unread == ()


def test_gaps_and_overlaps_count_from_the_end_of_whoever_had_the_floor() -> None:
    talk = Conversation()
    talk.say("ann", "We went to the lake last summer.", 0, 3)
    nod = talk.say("bob", "Uh-huh.", 1, 1.5)
    on = talk.say("eve", "The lake was cold.", 3.25, 5)
    assert nod.timing is not None
    assert (nod.timing.gap_ms, nod.timing.floor) == (-2000, "ann")
    assert on.timing is not None
    assert (on.timing.gap_ms, on.timing.floor) == (250, "ann")


def test_a_dialogue_has_an_opening_a_middle_and_a_closing() -> None:
    talk = Conversation()
    lines = ("Hello!", "Hello, Ann.", "The weather is fine.", "Goodbye then.", "Bye.")
    readings = [talk.say("ab"[n % 2], text, n, n + 0.5) for n, text in enumerate(lines)]
    parts = [reading.timing.part for reading in readings if reading.timing]
    assert parts == ["opening", "opening", "middle", "closing", "closing"]


def test_times_that_nobody_told_are_unknown() -> None:
    state = evolve(State("c"), heard(1, started_at=at(0)))
    timing = TextReader().read(state, Line("ann", "Yes.", at(5), at(5))).timing
    assert timing is not None
    assert timing.gap_ms is None


def test_yes_is_an_answer_only_to_somebody_else() -> None:
    talk = Conversation()
    talk.say("ann", "Are you coming?", 0, 1)
    assert talk.reader.read(talk.state, Line("bob", "Yes.", at(2))).act == "yes_answer"
    assert talk.reader.read(talk.state, Line("ann", "Yes.", at(2))).act == "backchannel"


def test_an_ambiguous_line_is_read_by_the_mood_it_falls_into() -> None:
    glad, angry = Conversation(), Conversation()
    glad.say("ann", "What a wonderful surprise, I love it!", 0, 2)
    angry.say("ann", "I hate this, it is a stupid disaster!", 0, 2)
    line = Line("ann", "Look at this!", at(3))
    by = [talk.reader.read(talk.state, line).affect for talk in (glad, angry)]
    assert by[0] is not None
    assert by[1] is not None
    assert by[0].valence > by[1].valence + 0.2


def test_what_was_felt_an_hour_ago_says_little() -> None:
    talk = Conversation()
    talk.say("ann", "I hate this, it is a stupid disaster!", 0, 2)
    later = talk.reader.read(talk.state, Line("ann", "Look at this!", at(3600))).affect
    alone = talk.reader.read(State("c"), Line("ann", "Look at this!", at(3600))).affect
    assert later is not None
    assert alone is not None
    assert later.valence == pytest.approx(alone.valence, abs=0.001)


@pytest.mark.parametrize("text", ["  ", "Ich habe das nicht gesehen.", "今日はいい天気です"])
def test_what_cannot_be_read_is_recorded_as_unread_with_why(text: str) -> None:
    reading = Conversation().say("ann", text, 0, 1)
    assert (reading.affect, reading.act, reading.topic) == (None, None, None)
    assert [each.reading for each in reading.unread] == ["affect", "act", "topic"]
    assert reading.timing is not None


def test_a_reader_that_fails_fails_only_its_reading_and_repeats_no_word() -> None:
    reading = TextReader(Failing()).read(State("c"), Line("ann", "A secret lake.", at(0)))
    failed = Unread(reading="affect", because="the reader failed (ValueError)")
    assert reading.unread == (failed,)
    assert reading.affect is None
    assert reading.act == "statement"
    assert reading.topic is not None


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "so " * 33_000,
        "?!" * 50_000,
        "no-no-" * 16_000,
        "😊" * 100_000,
        "a b? " * 20_000,
    ],
    ids=lambda text: text[:5],
)
def test_the_longest_texts_cost_what_a_long_one_does(text: str) -> None:
    long = "I am so happy that you came! " * 40
    assert cost(text) < 20 * cost(long)


def cost(text: str) -> float:
    """Seconds of computing, at best."""
    reader, line = TextReader(), Line("ann", text, at(0))
    costs = []
    for _ in range(5):
        began = process_time()
        reader.read(State("c"), line)
        costs.append(process_time() - began)
    return min(costs)


def test_nothing_is_loaded_before_there_is_a_reader() -> None:
    code = "import sys, actors.understanding.reader; print('vaderSentiment' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
