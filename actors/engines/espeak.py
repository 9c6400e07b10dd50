"""Espeak-ng as an engine: no model file, a thousandth of real time, and a robot's charm."""

from collections.abc import Iterable, Iterator

import av

from actors.engines.base import SAMPLE_RATE, Capabilities, Sound, Unspeakable, Voice
from actors.engines.espeak_library import library
from actors.engines.espeak_manner import FASTEST, SLOWEST, WORDS_A_MINUTE, headroom
from actors.engines.espeak_phonemes import SYMBOLS
from actors.engines.espeak_reading import Reader
from actors.engines.heeding import heeded
from actors.engines.loudness import amplified
from actors.engines.pauses import Samples
from actors.engines.pieces import cut
from actors.engines.stopping import Stop
from actors.engines.voices import CATALOGUE, describe, parse_voice
from actors.engines.words import Stretch, stretches
from events.direction import Phrase

STRETCH = 400
"""Characters spoken at once: bounds what is held in memory, and what an early close wastes."""


class EspeakEngine:
    """Speaks with the library of the process; a blend is spoken by its heaviest voice."""

    name = "espeak"
    capabilities = Capabilities(
        slowest=SLOWEST / WORDS_A_MINUTE,
        fastest=FASTEST / WORDS_A_MINUTE,
        pitch=True,
        final=True,
        words=True,
        loudness=True,
        phonemes=SYMBOLS,
    )

    def __init__(self) -> None:
        self._library = library()
        self._voices = tuple(map(describe, CATALOGUE))

    def voices(self) -> tuple[Voice, ...]:
        return self._voices

    def synthesise(
        self, phrase: Phrase, voice: str, stop: Stop | None = None, *, after_s: float = 0.0
    ) -> Iterator[Sound]:
        """Speak a phrase; see the port.

        Speeds beyond 0.46 to 2.57 become the nearest of these, and so do pitches beyond what the
        library reaches, for every voice at least 6 semitones below and above its own. At the end
        of a phrase it rises or falls as is asked, and as far as the library does.
        """
        mixed = parse_voice(voice, CATALOGUE)
        heaviest = max(mixed, key=lambda part: part[1])[0]
        asked = heeded(phrase, self.capabilities)
        reader = Reader(self._library, heaviest, asked)
        spoken = _spoken(reader, stretches(asked.text, STRETCH))
        loud = amplified(spoken, asked.loudness + headroom(asked))
        return cut(loud, asked.pause_after_s, stop, pause_before_s=asked.pause_before_s)


def _spoken(reader: Reader, parts: Iterable[Stretch]) -> Iterator[Sound]:
    """Say one stretch after another, at the rate of all that leaves an engine."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    for stretch in parts:
        samples, words = reader.say(stretch)
        yield Sound(_resampled(resampler, samples, reader.sample_rate), words)
    if not reader.samples:
        raise Unspeakable("espeak-ng knows no sound for any word of the text; try another voice.")
    yield Sound(_frames(resampler.resample(None)))


def _resampled(resampler: av.AudioResampler, samples: Samples, rate: int) -> bytes:
    if not len(samples):
        return b""
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    return _frames(resampler.resample(frame))


def _frames(frames: Iterable[av.AudioFrame]) -> bytes:
    return b"".join(frame.to_ndarray().astype("<i2").tobytes() for frame in frames)
