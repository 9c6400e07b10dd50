"""Real dialogues, directed and spoken, and what a listener hears of the direction."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actors.commands import Speak
from actors.directing.intensity import INTENSITY
from actors.engines.base import Capabilities, Engine
from actors.prosody import direct
from actors.understanding.reader import Line, TextReader
from events.direction import Direction, Phrase
from events.state import State, evolve, fold
from events.turns import (
    Event,
    ParticipantJoined,
    Started,
    TurnBegun,
    TurnCompleted,
    TurnHeard,
    VoiceAssigned,
)
from tests.fixtures.listening import Heard, listen, track_f0

FINAL_S = 0.25
NEAR_FINAL_S = 0.35
"""Before the end of the sound, where a final movement and its join are."""

OCTAVE = 8.0
"""Semitones from the level beyond which the tracker has taken an overtone for the pitch."""

ENOUGH, ENOUGH_AT_END = 30, 10
"""Values of a melody, 16 ms apart: what has fewer says nothing of its level."""

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORDS_A_SECOND, GAP_S = 3.0, 0.3
EMOTIONS = ("neutral", "anger", "disgust", "fear", "joy", "sadness", "surprise")
"""As the small talk numbers them."""


@dataclass(frozen=True, slots=True)
class Said:
    speaker: str
    text: str
    emotion: str


@dataclass(frozen=True, slots=True)
class Directed:
    """A line with its direction, in a conversation."""

    speaker: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class Sounding:
    """What is heard of a phrase; of pitch, before its end and outside of words with asks."""

    level: float
    """Median F0, semitones above 1 Hz."""
    melody: NDArray[np.float64]
    """Semitones above 1 Hz, every 16 ms; NaN where nothing counts."""
    seconds: float
    """From the first word to the end of the last."""
    loudness: float
    """Decibels below full scale, of what sounds."""
    final: float | None
    """Semitones over the last voiced 250 ms."""


def small_talk(directory: Path) -> Iterator[list[Said]]:
    """Dialogues of DailyDialog, in their order, as people would write them."""
    with gzip.open(directory / "smalltalk.jsonl.gz", "rt") as lines:
        turns = map(json.loads, lines)
        for _, dialogue in groupby(turns, key=lambda turn: turn["conversation_id"]):
            yield [
                Said(turn["speaker"], _written(turn["text"]), EMOTIONS[turn["emotion"]])
                for turn in dialogue
            ]


def _written(text: str) -> str:
    """The corpus has spaces before its marks."""
    for mark in ".,!?;:":
        text = text.replace(f" {mark}", mark)
    return text.replace(" ' ", "'").replace(" ’ ", "’")


def feeling_of(dialogue: Sequence[Said]) -> str:
    """What was felt in a dialogue, up to and with its last turn; `mixed` if that is not clear."""
    felt = Counter(turn.emotion for turn in dialogue if turn.emotion != "neutral")
    if not felt:
        return "neutral"
    emotion, times = felt.most_common(1)[0]
    clear = dialogue[-1].emotion == emotion and times == felt.total()
    return emotion if clear else "mixed"


class Talk:
    """A conversation in which every turn is read, and ours are directed and spoken."""

    def __init__(
        self, voices: dict[str, str], capabilities: Capabilities, intensity: float = INTENSITY
    ) -> None:
        self._capabilities, self._intensity = capabilities, intensity
        self._reader = _reader()
        self._now = BEGAN
        events: list[Event] = [Started()]
        for name, voice in voices.items():
            events += [
                ParticipantJoined(participant_id=name),
                VoiceAssigned(participant_id=name, voice=voice),
            ]
        self.state: State = fold("c", events)

    def hear(self, speaker: str, text: str) -> None:
        """Be told what somebody else just said."""
        number = self.state.turn_count + 1
        ended = self._now + timedelta(seconds=len(text.split()) / WORDS_A_SECOND)
        reading = self._reader.read(self.state, Line(speaker, text, ended, self._now))
        heard = TurnHeard(
            turn=number,
            turn_id=f"t{number}",
            speaker_id=speaker,
            text=text,
            heard_at=ended,
            started_at=self._now,
            ended_at=ended,
            affect=reading.affect,
            act=reading.act,
        )
        self.state = evolve(self.state, heard)
        self._now = ended + timedelta(seconds=GAP_S)

    def say(self, speaker: str, text: str, turn_id: str | None = None) -> Directed:
        """Direct the next line, and go on as if it had been spoken."""
        number = self.state.turn_count + 1
        command = Speak(turn_id or f"t{number}", speaker, text)
        reading = self._reader.read(self.state, Line(speaker, text, self._now))
        direction = direct(
            self.state,
            command,
            voice=None,
            capabilities=self._capabilities,
            intensity=self._intensity,
            reading=reading,
            now=self._now,
        )
        seconds = len(text.split()) / WORDS_A_SECOND
        begun = TurnBegun(
            turn=number,
            turn_id=command.turn_id,
            speaker_id=speaker,
            text=text,
            direction_json=direction.model_dump_json(),
            engine="a benchmark",
            response_gap_ms=0,
            begun_at=self._now,
            fingerprint="",
            affect=reading.affect,
            act=reading.act,
        )
        ended = self._now + timedelta(seconds=seconds)
        done = TurnCompleted(
            turn_id=command.turn_id, audio="", duration_s=seconds, completed_at=ended
        )
        self.state = evolve(evolve(self.state, begun), done)
        self._now = ended + timedelta(seconds=GAP_S)
        return Directed(speaker, direction)


def read_as(dialogue: Sequence[Said]) -> str:
    """What the reader makes of the last turn of a dialogue, in the light of those before it."""
    talk = Talk({"A": "", "B": ""}, Capabilities())
    for said in dialogue:
        talk.hear("B" if said.speaker == dialogue[-1].speaker else "A", said.text)
    affect = talk.state.turns[-1].opening.affect
    return affect.category if affect else "unread"


@cache
def _reader() -> TextReader:
    return TextReader()


def plain(phrase: Phrase) -> Phrase:
    """The same words as the voice says them by itself."""
    return Phrase(text=phrase.text, seed=phrase.seed)


def toneless(phrase: Phrase) -> Phrase:
    """The same phrase with the same rhythm, accents and end, at the voice's own pitch.

    Whoever speaks faster has another melody too: so level and range can be told from it.
    """
    return phrase.model_copy(update={"pitch": 0.0, "pitch_range": 1.0})


def hear(engine: Engine, phrase: Phrase, voice: str) -> Sounding | None:
    """Speak a phrase and listen; None where there is too little voice to tell."""
    alone = phrase.model_copy(update={"pause_after_s": 0.0})
    heard = listen(engine.synthesise(alone, voice))
    samples = heard.samples.astype(np.float32) / 32768
    seconds, hertz = track_f0(samples)
    semitones = 12 * np.log2(hertz)
    voiced = np.isfinite(semitones)
    if not voiced.any() or not heard.words:
        return None
    end = seconds[voiced].max()
    counted = voiced & _unasked(seconds, heard, phrase) & (seconds < end - NEAR_FINAL_S)
    if counted.sum() < ENOUGH:
        return None
    level = float(np.median(semitones[counted]))
    counted &= np.abs(semitones - level) < OCTAVE
    return Sounding(
        level=level,
        melody=np.where(counted, semitones, np.nan),
        seconds=heard.words[-1].end_s - heard.words[0].start_s,
        loudness=_loudness(samples),
        final=_final(seconds, semitones, voiced & (seconds >= end - FINAL_S)),
    )


def raised_and_widened(one: Sounding, other: Sounding) -> tuple[float, float] | None:
    """How much higher one melody is, in semitones, and how many times as wide, where both count.

    They have to be in step; None where too little counts in both.
    """
    length = min(len(one.melody), len(other.melody))
    ours, theirs = one.melody[:length], other.melody[:length]
    both = np.isfinite(ours + theirs)
    if both.sum() < ENOUGH:
        return None
    ours, theirs = ours[both], theirs[both]
    return float(np.mean(ours - theirs)), float(np.std(ours) / np.std(theirs))


def _unasked(seconds: NDArray[np.float64], heard: Heard, phrase: Phrase) -> NDArray[np.bool_]:
    """Where no word is of which something is asked."""
    free = np.ones(len(seconds), bool)
    for asked in phrase.words:
        word = heard.words[asked.index]
        free &= (seconds < word.start_s - 0.05) | (seconds > word.end_s + 0.05)
    return free


def _loudness(samples: NDArray[np.float32]) -> float:
    """Of stretches of 20 ms that are less than 30 dB below the loudest."""
    size = 480
    powers = (samples[: len(samples) // size * size].reshape(-1, size) ** 2).mean(axis=1)
    return float(10 * np.log10(powers[powers > powers.max() / 1000].mean()))


def _final(
    seconds: NDArray[np.float64], semitones: NDArray[np.float64], late: NDArray[np.bool_]
) -> float | None:
    if late.sum() < ENOUGH_AT_END:
        return None
    return FINAL_S * float(np.polyfit(seconds[late], semitones[late], 1)[0])
