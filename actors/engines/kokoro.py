"""Kokoro as an engine, by kokoro-onnx on ONNX Runtime."""

import logging
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from kokoro_onnx import Kokoro
from kokoro_onnx.sliding import Timing
from numpy.typing import NDArray

from actors.engines.base import (
    SAMPLE_RATE,
    Capabilities,
    EngineError,
    ModelInvalid,
    ModelMissing,
    Sound,
    Unspeakable,
    Voice,
)
from actors.engines.kokoro_graph import OpenedKokoro, OpenedSession, prepare
from actors.engines.models import PREPARED
from actors.engines.phonemes import spans_of
from actors.engines.pieces import cut, silence
from actors.engines.voices import describe, parse_voice
from actors.engines.words import Span, Stretch, place, stretches
from events.turns import Phrase, WordTime

SLOWEST, FASTEST = 0.5, 2.0
"""The speeds that the model was made for; others become the nearest of these."""

STRETCH = 250
"""Characters in one run of the model; with many more it hurries, and needs gigabytes."""

JOIN_S = 0.15
"""Silence between two runs of one phrase."""

STYLE_SIZE = 256

QUIET = 10 ** (-50 / 20)
"""Of the loudest sample; what is below it at the end of a phrase is no part of it."""

_TOKENS = {"tokens", "input_ids"}
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

_FLAG = re.compile(r"\([a-z-]+\)")

CPU = "CPUExecutionProvider"

_log = logging.getLogger(__name__)

Samples = NDArray[np.float32]
Style = NDArray[np.float32]


class KokoroEngine:
    """Speaks with a model and a file of voices."""

    name = "kokoro"

    def __init__(self, model_path: Path, voices_path: Path, threads: int = 1) -> None:
        """Load a model that computes with so many threads.

        Raises:
            ModelMissing: one of the files is not there.
            ModelInvalid: one of the files is not what it should be.
        """
        _hush()
        for path in (model_path, voices_path):
            _require_file(path)
        session = _opened(model_path, threads) or _session(model_path, threads)
        self._styles = _read_voices(voices_path)
        self._kokoro = Kokoro.from_session(session, str(voices_path))
        # It would read each voice from the file every time, and never close it.
        self._kokoro.voices.close()
        outputs = [output.name for output in session.get_outputs()]
        # kokoro-onnx takes the second output for the durations, whatever its name.
        self._kokoro.has_timings = outputs[1:2] == ["duration"]
        self._voices = tuple(map(describe, self._styles))
        self._style = lru_cache(maxsize=32)(self._mixed)
        self.capabilities = Capabilities(word_times=self._kokoro.has_timings, blends=True)

    def voices(self) -> tuple[Voice, ...]:
        """What the file has, which need not be what the catalogue has."""
        return self._voices

    def synthesise(self, phrase: Phrase, voice: str) -> Iterator[Sound]:
        """Speak a phrase; see the port. Speeds beyond 0.5 to 2 become the nearest of these."""
        mixed = parse_voice(voice, self._styles)
        heaviest = max(mixed, key=lambda part: part[1])[0]
        spoken = self._spoken(
            stretches(phrase.text, STRETCH),
            self._style(mixed),
            min(max(phrase.speed, SLOWEST), FASTEST),
            _LANGUAGES.get(heaviest[0], "en-us"),
        )
        return cut(spoken, phrase.pause_after_s)

    def _spoken(
        self, parts: Iterable[Stretch], style: Style, speed: float, language: str
    ) -> Iterator[Sound]:
        at = 0.0
        for stretch in parts:
            phonemes = self._phonemes(stretch.text, language)
            if not any(map(str.isalpha, phonemes)):
                yield Sound(b"", self._words(stretch, [], language, at))
                continue
            if at:
                yield from silence(JOIN_S)
                at += JOIN_S
            samples, timed = self._run(phonemes, style, speed)
            yield Sound(_pcm(samples), self._words(stretch, timed, language, at))
            at += len(samples) / SAMPLE_RATE
        if not at:
            raise Unspeakable(
                "The model knows no sound for any word of the text; try another voice."
            )

    def _phonemes(self, text: str, language: str) -> str:
        try:
            phonemes: str = self._kokoro.tokenizer.phonemize(text, language)
        except (RuntimeError, ValueError):
            raise EngineError(
                f"The phonemiser failed on this text in {language}; try another voice."
            ) from None
        # The phonemiser marks words of another language with a flag, which would be spoken.
        return phonemes if "(" in text else _FLAG.sub("", phonemes)

    def _run(self, phonemes: str, style: Style, speed: float) -> tuple[Samples, list[Timing]]:
        try:
            samples, _, timed = self._kokoro.create_timed(
                phonemes, style, speed, is_phonemes=True, trim=True
            )
        except Exception:  # noqa: BLE001  ONNX Runtime's exceptions have no base of their own
            # Not chained: what the libraries say quotes what was to be spoken.
            raise EngineError("The model failed on this text; try it in shorter phrases.") from None
        return _without_tail(_finite(samples), timed)

    def _words(
        self, stretch: Stretch, timed: list[Timing], language: str, at: float
    ) -> tuple[WordTime, ...]:
        if not self.capabilities.word_times:
            return ()
        spans: list[Span | None] = [None] * len(stretch.heard)
        if timed:
            spans = spans_of(stretch.heard, timed, lambda word: self._phonemes(word, language))
        return place(stretch, spans, at)

    def _mixed(self, parts: tuple[tuple[str, float], ...]) -> Style:
        styles = [np.float32(weight) * self._styles[name] for name, weight in parts]
        mixed: Style = np.sum(styles, axis=0, dtype=np.float32)
        return mixed


def _hush() -> None:
    """Keep the libraries from logging what is spoken, whatever the environment tells them."""
    logging.getLogger("kokoro_onnx").setLevel(logging.WARNING)
    # It warns of every phrase in which `of the` is one word.
    logging.getLogger("phonemizer").setLevel(logging.ERROR)


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise ModelMissing(f"There is no file {path}; fetch it with `colloquy models fetch`.")


def _opened(path: Path, threads: int) -> OpenedSession | None:
    """The model in parts, prepared now if it was not before; None where it must run whole.

    In parts it loads faster, keeps its weights in memory that processes share, and says the same
    line the same way each time.
    """
    if providers_among(onnxruntime.get_available_providers())[0][0] != CPU:
        return None  # the parts were optimised for this processor
    try:
        prepared = prepare(path, path.parent / PREPARED)
    except EngineError as reason:  # what is really wrong with a file, loading it whole will tell
        _log.warning("the model runs whole: %s", reason)
        return None
    if prepared.directory is None:
        return None
    opened = OpenedKokoro(prepared.directory, threads)
    return OpenedSession(path, opened, prepared.metadata)


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # The arena keeps for good what the longest phrase needed, a gigabyte and more.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    try:
        providers = providers_among(onnxruntime.get_available_providers())
        session = onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:
        raise ModelInvalid(
            f"{path} is not a whole ONNX model; fetch it anew with `colloquy models fetch`."
        ) from error
    _require_kokoro(session, path)
    return session


def providers_among(available: Collection[str]) -> list[tuple[str, dict[str, str]]]:
    """Where to run, best first: on a GPU where this build of ONNX Runtime can, else on the CPU."""
    # Searching exhaustively for a convolution starts again at every new length of a phrase.
    cuda = ("CUDAExecutionProvider", {"cudnn_conv_algo_search": "DEFAULT"})
    known: tuple[tuple[str, dict[str, str]], ...] = (cuda, (CPU, {}))
    return [provider for provider in known if provider[0] in available]


def _require_kokoro(session: onnxruntime.InferenceSession, path: Path) -> None:
    inputs = {each.name: each.shape for each in session.get_inputs()}
    names = set(inputs)
    tokens = names & _TOKENS
    if names - _TOKENS != {"style", "speed"} or len(tokens) != 1:
        raise ModelInvalid(
            f"{path} takes {', '.join(sorted(names))}, so it is not a Kokoro model; "
            "that takes tokens, style and speed."
        )
    if inputs["style"][-1] != STYLE_SIZE:
        raise ModelInvalid(f"{path} takes styles of another size than {STYLE_SIZE}.")


def _read_voices(path: Path) -> dict[str, Style]:
    """All voices of a file by name, half a megabyte each."""
    try:
        with path.open("rb") as file, np.load(file) as archive:
            voices = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise ModelInvalid(
            f"{path} is not a whole file of voices; fetch it anew with `colloquy models fetch`."
        ) from error
    if not voices:
        raise ModelInvalid(f"{path} has no voices; fetch it anew with `colloquy models fetch`.")
    for name, style in voices.items():
        _require_style(name, style, path)
    return voices


def _require_style(name: str, style: Style, path: Path) -> None:
    shape = style.shape
    if len(shape) != 3 or shape[1:] != (1, STYLE_SIZE) or not shape[0] or style.dtype != np.float32:
        raise ModelInvalid(
            f"The voice {name} in {path} has the shape {shape} of {style.dtype}; "
            f"it should be (510, 1, {STYLE_SIZE}) of float32."
        )


def _finite(samples: Samples) -> Samples:
    if not samples.size or not np.isfinite(samples).all():
        raise EngineError(
            "The model gave no numbers for sound; check its files with `colloquy models check`."
        )
    return samples


def _without_tail(samples: Samples, timed: list[Timing]) -> tuple[Samples, list[Timing]]:
    """Drop the silence at the end, which is for the phrase to say."""
    loud = np.flatnonzero(np.abs(samples) > QUIET * np.abs(samples).max())
    kept = samples[: loud[-1] + 1] if loud.size else samples
    end = len(kept) / SAMPLE_RATE
    return kept, [Timing(t.phoneme, min(t.start, end), min(t.end, end)) for t in timed]


def _pcm(samples: Samples) -> bytes:
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
