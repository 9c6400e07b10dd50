"""The engine: text in, samples and word times out."""

import json
import logging
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from kokoro_onnx.config import DEFAULT_VOCAB
from kokoro_onnx.tokenizer import Tokenizer

from actors.engines.base import EngineError, Sound, Voice
from actors.engines.heeding import heeded
from actors.engines.kokoro.calibrating import VoiceStatistics
from actors.engines.kokoro.files import Styles, read_voices, require_file
from actors.engines.kokoro.memory import give_back
from actors.engines.kokoro.speaker import Speaker, Voicing
from actors.engines.kokoro.steered import SteeredSpeaker
from actors.engines.kokoro.whole import WholeSpeaker, runs_on_cpu
from actors.engines.kokoro_graph import Calibrations, OpenedKokoro, prepare
from actors.engines.kokoro_graph.steering import excerpt
from actors.engines.models import PREPARED
from actors.engines.pauses import shifted
from actors.engines.pieces import cut, seconds, silence
from actors.engines.reading import Reader, Reading
from actors.engines.stopping import Stop
from actors.engines.voices import describe, parse_voice
from events.turns import Phrase

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

_log = logging.getLogger(__name__)


class KokoroEngine:
    """Speaks with a model and a file of voices."""

    name = "kokoro"

    def __init__(
        self, model_path: Path, voices_path: Path, threads: int = 1, *, calibrating: bool = False
    ) -> None:
        """Load a model of which each run computes with so many threads.

        With `calibrating`, voices are made fit for windows in the background as they are used.

        Raises:
            ModelMissing: one of the files is not there.
            ModelInvalid: one of the files is not what it should be.
        """
        _hush()
        for path in (model_path, voices_path):
            require_file(path)
        self._styles = read_voices(voices_path)
        self._speaker, vocabulary = _speaker(model_path, voices_path, threads, calibrating)
        self._reader = Reader(Tokenizer(vocab=dict(vocabulary)).phonemize, vocabulary.keys())
        self._voices = tuple(map(describe, self._styles))
        self._mixed = lru_cache(maxsize=32)(self._mix)
        self.capabilities = self._speaker.capabilities

    def voices(self) -> tuple[Voice, ...]:
        """What the file has, which need not be what the catalogue has."""
        return self._voices

    def synthesise(self, phrase: Phrase, voice: str, stop: Stop | None = None) -> Iterator[Sound]:
        """Speak a phrase; see the port."""
        asked = heeded(phrase, self.capabilities)
        mixed = parse_voice(voice, self._styles)
        manner = parse_voice(asked.delivery, self._styles) if asked.delivery else mixed
        heaviest = max(mixed, key=lambda part: part[1])[0]
        readings = self._reader.read(asked.text, _LANGUAGES.get(heaviest[0], "en-us"))
        parts = tuple((self._styles[name], weight) for name, weight in mixed)
        voicing = Voicing(self._mixed(mixed), self._mixed(manner), parts)
        stop = stop or Stop()
        spoken = self._spoken(readings, asked, voicing, stop)
        return cut(spoken, asked.pause_after_s, stop)

    def close(self) -> None:
        """End what goes on in the background."""
        self._speaker.close()

    def _spoken(
        self, readings: Iterator[Reading], asked: Phrase, voicing: Voicing, stop: Stop
    ) -> Iterator[Sound]:
        at = 0.0
        try:
            for reading, own in _excerpts(readings, asked):
                if at:
                    yield from silence(JOIN_S)
                    at += JOIN_S
                for sound in self._speaker.say(reading, own, voicing, stop):
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


def _speaker(
    model: Path, voices: Path, threads: int, calibrating: bool
) -> tuple[Speaker, Mapping[str, int]]:
    """The model in parts, prepared now if it was not before; whole where it must be.

    In parts it obeys a direction, loads faster, keeps its weights in memory that processes share,
    and says the same line the same way each time.
    """
    if runs_on_cpu():  # the parts are optimised for this processor
        try:
            prepared = prepare(model, model.parent / PREPARED)
        except EngineError as reason:  # what is really wrong, loading it whole will tell
            _log.warning("the model runs whole: %s", reason)
        else:
            if prepared.directory is not None:
                vocabulary = _vocabulary(prepared.metadata)
                opened = OpenedKokoro(prepared.directory, threads)
                statistics = VoiceStatistics(
                    opened, Calibrations(prepared.directory), calibrating=calibrating
                )
                return SteeredSpeaker(opened, statistics, vocabulary), vocabulary
    whole = WholeSpeaker(model, voices, threads)
    return whole, whole.vocabulary


def _vocabulary(metadata: Mapping[str, str]) -> Mapping[str, int]:
    """The number of each symbol: as the model says, or else as all models of its kind have it."""
    config = metadata.get("kokoro_config")
    vocabulary: Mapping[str, int] = json.loads(config)["vocab"] if config else DEFAULT_VOCAB
    return vocabulary
