"""An effect in words that a person understands, made of nothing but its numbers."""

from collections.abc import Iterator, Mapping

from actors.directing.effects import Effect, Stress

UNCHANGED = "as the voice has it"

_LEAST = 0.005
"""Below which a number is not worth a word: half of the last place that is told."""


def told(effect: Effect) -> str:
    """All that an effect does, e.g. `1.2 semitones lower, 8 % slower`."""
    return ", ".join(_parts(effect)) or UNCHANGED


def _parts(effect: Effect) -> Iterator[str]:
    tone = effect.tone
    yield from _difference(tone.pitch, "semitones", "higher", "lower")
    yield from _ratio(tone.range, "wider in pitch", "narrower in pitch")
    yield from _ratio(tone.rate, "faster", "slower")
    yield from _difference(tone.loudness, "dB", "louder", "softer")
    yield from _ratio(tone.pauses, "longer pauses", "shorter pauses")
    yield from _finals(effect.finals)
    yield from _stresses(effect.words)


def _difference(value: float, unit: str, more: str, less: str) -> Iterator[str]:
    if abs(value) >= _LEAST:
        yield f"{_number(abs(value))} {unit} {more if value > 0 else less}"


def _ratio(value: float, more: str, less: str) -> Iterator[str]:
    percent = 100 * (value - 1)
    if abs(percent) >= _LEAST:
        yield f"{_number(abs(percent))} % {more if percent > 0 else less}"


def _finals(finals: Mapping[int, float]) -> Iterator[str]:
    for semitones in sorted(set(finals.values())):
        numbers = [str(phrase + 1) for phrase, value in finals.items() if value == semitones]
        yield f"phrase {', '.join(numbers)} {_movement(semitones)} over the last 250 ms"


def _movement(semitones: float) -> str:
    if abs(semitones) < _LEAST:
        return "stays level"
    return f"{'rises' if semitones > 0 else 'falls'} {_number(abs(semitones))} semitones"


def _stresses(words: Mapping[int, Stress]) -> Iterator[str]:
    for place, stress in words.items():
        if stress.emphasis:
            what = "stressed" if stress.emphasis > 0 else "said in passing"
            yield f"word {place + 1} {what} ({stress.emphasis:+.2f})"
        for part in _difference(stress.pitch, "semitones", "higher", "lower"):
            yield f"word {place + 1} {part}"


def _number(value: float) -> str:
    """Two digits after the point for what is less than 1, else one: no ear tells more."""
    return f"{value:.{1 if value >= 1 else 2}f}".rstrip("0").rstrip(".")
