"""`make demo`, as a newcomer runs it."""

import subprocess
import sys
import wave
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from events.replay import Replayed, replay
from events.store import Store
from tests.fixtures.listening import median_f0, semitones

WITHIN_S = 100
RATE = 24_000


@pytest.fixture(scope="module")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Where the demonstration was run, and what it said."""
    here = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "gateway.demo", "--data-dir", "kept"],
        cwd=here,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
    )
    assert done.returncode == 0, done.stderr
    return here, done.stdout


@pytest.fixture(scope="module")
def retold(demonstrated: tuple[Path, str]) -> Replayed:
    """The conversation, from the log that the demonstration left."""
    with closing(Store.look_at(demonstrated[0] / "kept" / "log.duckdb")) as store:
        (head,) = store.heads()
        return replay(head.conversation_id, store.conversation(head))


@pytest.fixture(scope="module")
def sound(demonstrated: tuple[Path, str]) -> NDArray[np.int16]:
    with wave.open(str(demonstrated[0] / "demo.wav")) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (RATE, 1, 2)
        return np.frombuffer(wav.readframes(wav.getnframes()), "<i2")


def by_speaker(retold: Replayed, sound: NDArray[np.int16]) -> dict[str, list[NDArray[np.int16]]]:
    """The sound cut at the times of the record."""
    parts: dict[str, list[NDArray[np.int16]]] = {}
    place = 0
    for turn in retold.transcript:
        assert turn.opening.type == "turn_begun"
        place += max(0, turn.opening.response_gap_ms) * RATE // 1000
        end = place + round(turn.duration_s * RATE)
        parts.setdefault(turn.speaker_id, []).append(sound[place:end])
        place = end
    assert place == len(sound), "the sound is not that of the record"
    return parts


def test_it_says_that_the_replay_is_identical(demonstrated: tuple[Path, str]) -> None:
    _, said = demonstrated
    assert "The replayed state is the server's, to the last digit." in said
    assert "nothing was synthesised" in said
    assert "demo.wav" in said


def test_two_agents_speak_at_least_eight_turns(retold: Replayed) -> None:
    assert len(retold.transcript) >= 8
    assert all(turn.status == "completed" for turn in retold.transcript)
    voices = {p.id: p.voice for p in retold.state.participants.values()}
    assert len(set(voices.values())) == len(voices) == 2


def test_their_voices_can_be_told_apart(retold: Replayed, sound: NDArray[np.int16]) -> None:
    pitches = [median_f0(np.concatenate(said)) for said in by_speaker(retold, sound).values()]
    assert len(pitches) == 2
    assert semitones(*pitches) > 3


def test_nobody_is_silent(retold: Replayed, sound: NDArray[np.int16]) -> None:
    for said in by_speaker(retold, sound).values():
        assert all(np.abs(turn).max() > 1000 for turn in said)
