"""What was planned for a turn beside what was measured in its sound."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Self

from actors.directing.effects import Effect, Tone
from actors.directing.telling import UNCHANGED, told
from events.baseline import semitones
from events.direction import Direction
from events.readings import Features

UNKNOWN = "not measured"

LEVEL_ST = 0.05
"""Movement below which the end of a line is told as level."""


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    planned: str
    measured: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What a direction asks for, the mean of its phrases by their letters."""

    tone: Tone
    final: float | None
    """Of the last phrase; None is left to the voice."""
    pauses_s: float
    """Between the phrases."""

    @classmethod
    def of(cls, direction: Direction) -> Self:
        weights = [(phrase, len(phrase.text)) for phrase in direction.phrases]
        letters = sum(length for _, length in weights) or 1

        def mean(field: str) -> float:
            return float(sum(getattr(phrase, field) * n for phrase, n in weights) / letters)

        tone = Tone(mean("pitch"), mean("pitch_range"), mean("speed"), mean("loudness"))
        last = direction.phrases[-1].final if direction.phrases else None
        return cls(tone, last, sum(phrase.pause_after_s for phrase in direction.phrases))


@dataclass(frozen=True, slots=True)
class Level:
    """How a voice sounds when nothing is asked; None where nothing tells."""

    pitch: float | None = None
    """Semitones above 1 Hz."""
    range: float | None = None
    """Semitones."""
    rate: float | None = None
    """Syllables a second."""
    loudness: float | None = None
    """LUFS."""

    @classmethod
    def of(cls, others: Iterable[tuple[Direction, Features]]) -> Self:
        """By other turns of the voice: what was measured in them, without what was planned."""
        known = [(Planned.of(direction).tone, heard) for direction, heard in others]
        return cls(
            _median(_less(semitones(heard), tone.pitch) for tone, heard in known),
            _median(_by(heard.f0_range_st, tone.range) for tone, heard in known),
            _median(_by(heard.rate_syll_s, tone.rate) for tone, heard in known),
            _median(_less(heard.loudness_lufs, tone.loudness) for tone, heard in known),
        )


def rows(direction: Direction, heard: Features, level: Level) -> list[Row]:
    """One for each thing that is planned, in words."""
    plan = Planned.of(direction)
    figures, apart = _figures(heard), _apart(heard, level)
    return [
        *(
            Row(name, _told(name, getattr(plan.tone, name)), _found(name, figures, apart))
            for name in figures
        ),
        Row("end", _end(plan.final, UNCHANGED), _end(heard.f0_final_slope, UNKNOWN)),
        Row("pauses", f"{plan.pauses_s:.2f} s between phrases", f"{heard.pauses_s:.2f} s in all"),
    ]


def _figures(heard: Features) -> dict[str, str | None]:
    """In the units of what was measured."""
    return {
        "pitch": _written(heard.f0_median_hz, ".0f", "Hz"),
        "range": _written(heard.f0_range_st, ".1f", "semitones"),
        "rate": _written(heard.rate_syll_s, ".1f", "syllables a second"),
        "loudness": _written(heard.loudness_lufs, ".1f", "LUFS"),
    }


def _apart(heard: Features, level: Level) -> dict[str, float | None]:
    """From the voice's own level."""
    return {
        "pitch": _less(semitones(heard), level.pitch),
        "range": _by(heard.f0_range_st, level.range),
        "rate": _by(heard.rate_syll_s, level.rate),
        "loudness": _less(heard.loudness_lufs, level.loudness),
    }


def _found(name: str, figures: Mapping[str, str | None], apart: Mapping[str, float | None]) -> str:
    figure, moved = figures[name], apart[name]
    if figure is None:
        return UNKNOWN
    return figure if moved is None else f"{_told(name, moved)} ({figure})"


def _written(value: float | None, digits: str, unit: str) -> str | None:
    return None if value is None else f"{value:{digits}} {unit}"


def _told(name: str, value: float) -> str:
    return told(Effect(Tone(**{name: round(value, 2)})))


def _end(moved: float | None, unknown: str) -> str:
    if moved is None:
        return unknown
    if abs(moved) < LEVEL_ST:
        return "stays level"
    return f"{'rises' if moved > 0 else 'falls'} {abs(moved):.1f} semitones"


def _less(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


def _by(value: float | None, other: float | None) -> float | None:
    return value / other if value and other else None


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
