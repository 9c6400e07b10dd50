"""Features of the sound of a turn: pitch, loudness, rate and pauses, each with its unit."""

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import SAMPLE_RATE
from actors.hearing.loudness import integrated
from actors.hearing.pitch import Melody, PitchTracker
from actors.hearing.syllables import syllables
from events.readings import Features

PAUSE_S = 0.2
"""Shorter silence is a part of speech: the closure of a stop, say."""
FINAL_S = 0.25
VOICED_S, VOICED_AT_END_S = 0.1, 0.08
"""Of voice that there must be to speak of pitch, and of its movement at the end."""
SPOKEN_S = 0.3
"""Of speech that there must be to speak of a rate."""
OCTAVE = 12.0
"""Semitones from the median beyond which the tracker has taken an overtone for the pitch."""
SILENT_DB = -60.0
"""Of full scale: what is never louder is silence."""
CLIPPED = 0.001
"""Share of samples at full scale from which sound counts as clipped."""

_STRETCH = SAMPLE_RATE // 100
_STRETCH_S = 0.01
_FRAME_S = 0.016


def features_of(pcm: bytes, text: str, tracker: PitchTracker) -> Features:
    """Measure s16le mono samples at `SAMPLE_RATE`, in which the text was spoken; there are some."""
    samples = np.frombuffer(pcm, "<i2")
    span_s, pauses = _speech(levels(samples))
    spoken_s = span_s - sum(pauses)
    spoken = syllables(text)
    median, width, final = _pitch(tracker.track(samples))
    loudness = integrated(samples)
    return Features(
        duration_s=round(len(samples) / SAMPLE_RATE, 3),
        f0_median_hz=median,
        f0_range_st=width,
        f0_final_slope=final,
        loudness_lufs=None if loudness is None else round(loudness, 1),
        rate_syll_s=round(spoken / spoken_s, 2) if spoken and spoken_s >= SPOKEN_S else None,
        speech_s=round(spoken_s, 2),
        pauses=len(pauses),
        pauses_s=round(sum(pauses), 2),
        longest_pause_s=round(max(pauses, default=0.0), 2),
        notes=_notes(samples),
    )


def levels(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """Of stretches of 10 ms, in decibels of full scale."""
    whole = samples[: len(samples) // _STRETCH * _STRETCH].reshape(-1, _STRETCH)
    power = (whole / np.float32(32768)) ** 2
    decibels: NDArray[np.float64] = 10 * np.log10(np.maximum(power.mean(axis=1), 1e-12))
    return decibels


def is_silent(pcm: bytes) -> bool:
    """Whether nothing in it is loud enough to be speech."""
    return bool(levels(np.frombuffer(pcm, "<i2")).max(initial=-120.0) < SILENT_DB)


def _speech(heard: NDArray[np.float64]) -> tuple[float, list[float]]:
    """Seconds from the first sound to the last, and of each pause in between."""
    active = np.flatnonzero(heard > _threshold(heard))
    if not active.size:
        return 0.0, []
    gaps = (np.diff(active) - 1) * _STRETCH_S
    pauses = gaps[gaps >= PAUSE_S - _STRETCH_S / 2]
    return float(active[-1] - active[0] + 1) * _STRETCH_S, [float(gap) for gap in pauses]


def _threshold(heard: NDArray[np.float64]) -> float:
    """Above the noise of the room, as far as that is far below the voice."""
    if not heard.size:
        return SILENT_DB
    noise, voice = np.percentile(heard, (5, 95))
    return float(max(SILENT_DB, min(max(noise + 6, voice - 30), voice - 15)))


def _pitch(melody: Melody) -> tuple[float | None, float | None, float | None]:
    """Median in hertz; range, and movement at the end, in semitones."""
    voiced = np.isfinite(melody.hertz)
    if voiced.sum() * _FRAME_S < VOICED_S:
        return None, None, None
    semitones = 12 * np.log2(melody.hertz)
    median = np.nanmedian(semitones)
    voiced &= np.abs(semitones - median) < OCTAVE
    low, high = np.percentile(semitones[voiced], (5, 95))
    late = voiced & (melody.seconds > melody.seconds[voiced][-1] - FINAL_S)
    final = None
    if late.sum() * _FRAME_S >= VOICED_AT_END_S:
        slope = np.polyfit(melody.seconds[late], semitones[late], 1)[0]
        final = round(float(slope) * FINAL_S, 2)
    return round(float(2 ** (median / 12)), 1), round(float(high - low), 2), final


def _notes(samples: NDArray[np.int16]) -> tuple[str, ...]:
    share = float(np.mean((samples >= 32735) | (samples <= -32735)))
    return (f"clipped: {share:.1%} of the samples are at full scale",) if share > CLIPPED else ()
