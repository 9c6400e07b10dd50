"""The engine: text in, samples and word times out."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from kokoro_onnx.tokenizer import Tokenizer

from actors.engines.base import Sound, Voice
from actors.engines.heeding import heeded
from actors.engines.kokoro.files import Styles, read_voices, require_file
from actors.engines.kokoro.loading import load_speaker
from actors.engines.kokoro.memory import give_back
from actors.engines.kokoro.speaker import Voicing
from actors.engines.kokoro_graph.providers import Device
from actors.engines.kokoro_graph.steering import excerpt
from actors.engines.pauses import shifted
from actors.engines.pieces import cut, seconds, silence
from actors.engines.reading import Reader, Reading
from actors.engines.sayings import by_index
from actors.engines.stopping import Stop
from actors.engines.voices import describe, parse_voice
from events.direction import Phrase

JOIN_S = 0.15
"""Silence between two runs of one phrase."""

_LANGUAGES = {
    "a": "en-us",
    "b": "en-gb",
    "e": "es",
    "f": "fr-fr",
    "h": "hi",
    "i": "it",
    "j": "ja",
    "p": "pt-br",
    "z": "cmn",
}
"""As the phonemiser names them, by the first letter of a voice id."""


class KokoroEngine:
    """Speaks with a model and a file of voices."""

    name = "kokoro"

    def __init__(
        self,
        model_path: Path,
        voices_path: Path,
        threads: int = 1,
        *,
        device: Device | None = None,
        calibrating: bool = False,
    ) -> None:
        """Load a model of which each run computes with so many threads.

        Args:
            model_path: The model.
            voices_path: Its voices.
            threads: Of each run on the processor; the first of a line may have one more.
            device: What computes; None is the best that there is.
            calibrating: Voices are made fit for windows in the background as they are used.

        Raises:
            ModelMissing: one of the files is not there.
            ModelInvalid: one of the files is not what it should be.
            EngineError: the device is not there.
        """
        _hush()
        for path in (model_path, voices_path):
            require_file(path)
        self._styles = read_voices(voices_path)
        self._speaker, vocabulary = load_speaker(
            model_path, voices_path, threads, device, calibrating=calibrating
        )
        self._reader = Reader(Tokenizer(vocab=dict(vocabulary)).phonemize, vocabulary.keys())
        self._voices = tuple(map(describe, self._styles))
        self._mixed = lru_cache(maxsize=32)(self._mix)
        self.capabilities = replace(self._speaker.capabilities, phonemes="".join(vocabulary))

    def voices(self) -> tuple[Voice, ...]:
        """What the file has, which need not be what the catalogue has."""
        return self._voices

    def synthesise(
        self, phrase: Phrase, voice: str, stop: Stop | None = None, *, after_s: float = 0.0
    ) -> Iterator[Sound]:
        """Speak a phrase; see the port."""
        asked = heeded(phrase, self.capabilities)
        mixed = parse_voice(voice, self._styles)
        manner = parse_voice(asked.delivery, self._styles) if asked.delivery else mixed
        heaviest = max(mixed, key=lambda part: part[1])[0]
        language = _LANGUAGES.get(heaviest[0], "en-us")
        readings = self._reader.read(asked.text, language, by_index(asked.sayings))
        parts = tuple((self._styles[name], weight) for name, weight in mixed)
        voicing = Voicing(self._mixed(mixed), self._mixed(manner), parts)
        stop = stop or Stop()
        spoken = self._spoken(readings, asked, voicing, stop, after_s)
        return cut(
            spoken, asked.pause_after_s, stop, pause_before_s=asked.pause_before_s, slow=True
        )

    def close(self) -> None:
        """End what goes on in the background."""
        self._speaker.close()

    def _spoken(
        self,
        readings: Iterator[Reading],
        asked: Phrase,
        voicing: Voicing,
        stop: Stop,
        after_s: float,
    ) -> Iterator[Sound]:
        at = 0.0
        try:
            for reading, own in _excerpts(readings, asked):
                if at:
                    yield from silence(JOIN_S)
                    at += JOIN_S
                for sound in self._speaker.say(reading, own, voicing, stop, after_s + at):
                    yield Sound(sound.pcm, shifted(sound.words, at))
                    at += seconds(sound.pcm)
        finally:
            give_back()

    def _mix(self, parts: tuple[tuple[str, float], ...]) -> Styles:
        styles = [np.float32(weight) * self._styles[name] for name, weight in parts]
        mixed: Styles = np.sum(styles, axis=0, dtype=np.float32)
        return mixed


def _excerpts(readings: Iterator[Reading], asked: Phrase) -> Iterator[tuple[Reading, Phrase]]:
    """Each reading with what is asked of it."""
    word = 0
    for reading, following in pairwise(chain(readings, [None])):
        assert reading is not None  # noqa: S101  only the end is
        word -= reading.words[0] is None  # the rest of a word that was begun before
        end = word + len(reading.words)
        yield reading, excerpt(asked, word, end, last=following is None)
        word = end


def _hush() -> None:
    """Keep the libraries from logging what is spoken, whatever the environment tells them."""
    logging.getLogger("kokoro_onnx").setLevel(logging.WARNING)
    # It warns of every phrase in which `of the` is one word.
    logging.getLogger("phonemizer").setLevel(logging.ERROR)
