"""`colloquy explain`: context, direction, reasons, and planned beside measured."""

import json
from io import StringIO
from typing import Any

import pytest
from rich.console import Console, Group

from actors.directing import Tone
from events.direction import Direction, Phrase
from events.readings import Features
from events.state import State, fold
from events.turns import Event
from gateway.answers import turn_in_context_out, turn_out
from gateway.client import ColloquyError, Turn
from gateway.commands import explaining
from gateway.commands.comparing import UNKNOWN, Level, Planned, rows
from gateway.commands.refusals import Refused
from tests.unit.actors.scenes import direct, feeling, heard, spoken, started

LINE = "I will be with you at nine."


class Talk:
    """A conversation as the client has it: what was heard and spoken, some of it measured."""

    id = "coffee"

    def __init__(self) -> None:
        self.events: list[Event] = started("ann", "bob")
        self.befores: list[State] = []
        self.measured: dict[int, Features] = {}

    def hear(self, text: str, **read: Any) -> None:
        self._add([heard(len(self.befores) + 1, "bob", text, read.get("felt"))])

    def speak(self, text: str, features: Features | None = None) -> None:
        number = len(self.befores) + 1
        self._add(spoken(number, "ann", text, direct(fold("c", self.events), text)))
        if features:
            self.measured[number] = features

    def turn(self, name: str) -> Turn:
        found = [each for each in self._state().turns if each.turn_id == name]
        if not found:
            raise ColloquyError(404, "there is no such turn", code="turn_not_found")
        before = self.befores[found[0].number - 1]
        return self._as_sent(turn_in_context_out(found[0], before).model_dump(mode="json"))

    def turns(self, after: int | None = None, limit: int | None = None) -> list[Turn]:
        every = [
            self._as_sent(turn_out(turn).model_dump(mode="json")) for turn in self._state().turns
        ]
        return [turn for turn in every if turn.turn > (after or 0)][:limit]

    def _as_sent(self, told: dict[str, Any]) -> Turn:
        sound = self.measured.get(told["turn"])
        return Turn.model_validate(told | {"features": sound and sound.model_dump()})

    def _add(self, events: list[Event]) -> None:
        self.befores.append(fold("c", self.events))
        self.events += events

    def _state(self) -> State:
        return fold("c", self.events)


def sound(**figures: float) -> Features:
    return Features(duration_s=2.0, **figures)


@pytest.fixture
def talk() -> Talk:
    told = Talk()
    told.speak("Good morning, what can I do?", sound(f0_median_hz=200, loudness_lufs=-20.0))
    told.hear("My dog died, I am so sad.", felt=feeling("sadness"))
    told.speak(LINE, sound(f0_median_hz=198, loudness_lufs=-23.0, f0_final_slope=-3.1))
    return told


def printed(told: explaining.Explained, width: int = 160) -> str:
    out = Console(width=width, record=True, file=StringIO())
    out.print(Group(*explaining._told(told)))
    return out.export_text()


def test_a_turn_is_explained_by_its_id_or_its_number(talk: Talk) -> None:
    by_id, by_number = (explaining.explained(talk, name) for name in ("t3", "3"))
    assert by_id == by_number
    text = printed(by_id)
    assert f"Turn 3 of coffee, spoken, completed. ann: {LINE}" in text
    for word in ("temporal", "speaker", "semantic", "emotional", "bob: sadness"):
        assert word in text
    assert "answering sadness" in text
    assert "over the last 250 ms" in text


def test_planned_stands_beside_measured(talk: Talk) -> None:
    text = printed(explaining.explained(talk, "t3"))
    assert "Planned and measured, beside 1 other turn of the voice" in text
    lines = {line.split()[0]: line for line in text.splitlines() if line.strip()}
    assert "(198 Hz)" in lines["pitch"]
    assert "dB softer (-23.0 LUFS)" in lines["loudness"]
    assert "falls 3.1 semitones" in lines["end"]
    assert UNKNOWN in lines["rate"]


def test_a_heard_turn_has_a_context_and_no_direction(talk: Talk) -> None:
    text = printed(explaining.explained(talk, "2"))
    assert "What bore on it" in text
    assert "How it was directed" not in text


def test_what_was_not_measured_is_not_compared(talk: Talk) -> None:
    talk.measured.clear()
    text = printed(explaining.explained(talk, "3"))
    assert "How it was directed" in text
    assert "measured" not in text


def test_a_turn_that_there_is_not_is_refused(talk: Talk) -> None:
    for number in ("0", "4"):
        with pytest.raises(Refused, match=f"'coffee' has no turn '{number}'"):
            explaining.explained(talk, number)
    with pytest.raises(ColloquyError):
        explaining.explained(talk, "t9")


def test_for_programs_it_is_the_turn_as_it_was_sent(
    talk: Talk, capsys: pytest.CaptureFixture[str]
) -> None:
    explaining.show(explaining.explained(talk, "3"), as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["turn_id"] == "t3"
    assert told["context"]["partner_id"] == "bob"
    assert told["direction"]["reasons"]


def direction(*phrases: Phrase) -> Direction:
    return Direction(voice="af_heart", phrases=phrases)


def test_what_is_planned_is_the_mean_of_the_phrases_by_their_letters() -> None:
    long = Phrase(text="a" * 30, pitch=1.0, speed=0.8, pause_after_s=0.25)
    plan = Planned.of(direction(long, Phrase(text="b" * 10, pitch=-3.0, final=-4.0)))
    assert plan.tone == Tone(pitch=0.0, rate=pytest.approx(0.85))
    assert (plan.final, plan.pauses_s) == (-4.0, 0.25)


def test_a_voices_own_level_is_what_was_measured_without_what_was_planned() -> None:
    higher = direction(Phrase(text="a", pitch=12.0, speed=2.0, loudness=3.0, pitch_range=1.5))
    heard = sound(f0_median_hz=400, f0_range_st=6.0, rate_syll_s=8.0, loudness_lufs=-17.0)
    level = Level.of([(higher, heard)])
    assert 2 ** ((level.pitch or 0) / 12) == pytest.approx(200)
    assert (level.range, level.rate, level.loudness) == (4.0, 4.0, -20.0)
    told = {row.what: row.measured for row in rows(higher, heard, level)}
    assert told["pitch"] == "12 semitones higher (400 Hz)"
    assert told["range"] == "50 % wider in pitch (6.0 semitones)"
    assert told["rate"] == "100 % faster (8.0 syllables a second)"
    assert told["loudness"] == "3 dB louder (-17.0 LUFS)"


def test_without_another_turn_of_the_voice_only_the_figure_is_told() -> None:
    told = rows(direction(Phrase(text="a", final=0.0)), sound(f0_median_hz=400), Level.of([]))
    pitch = told[0]
    assert (pitch.what, pitch.planned, pitch.measured) == ("pitch", "as the voice has it", "400 Hz")
    assert told[-2].planned == "stays level"
    assert told[-2].measured == UNKNOWN
