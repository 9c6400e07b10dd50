"""A model that runs whole, by kokoro-onnx: its own rhythm and melody, at one speed."""

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from kokoro_onnx import Kokoro
from kokoro_onnx.sliding import Timing
from numpy.typing import NDArray

from actors.engines.base import Capabilities, EngineError, ModelInvalid, Sound
from actors.engines.kokoro.speaker import Voicing, timed
from actors.engines.kokoro_graph.providers import Provider, adapted
from actors.engines.kokoro_graph.rungs import DURATION_OUTPUT, STYLE_SIZE, TOKEN_INPUTS
from actors.engines.kokoro_graph.sessions import session_options
from actors.engines.pieces import pcm_of
from actors.engines.reading import Reading
from actors.engines.stopping import Stop
from actors.engines.words import Span
from events.direction import Phrase

SLOWEST, FASTEST = 0.5, 2.0
"""The speeds that the model was made for; others become the nearest of these."""

QUIET = 10 ** (-50 / 20)
"""Of the loudest sample; what is below it at the end of a phrase is no part of it."""

Samples = NDArray[np.float32]


class WholeSpeaker:
    """Cannot be stopped in the middle of a run."""

    def __init__(self, model: Path, voices: Path, threads: int, chosen: Sequence[Provider]) -> None:
        """Load a model that computes with so many threads, by the first provider that works.

        Raises:
            ModelInvalid: the file is not a whole model of Kokoro.
        """
        session = _session(model, threads, chosen)
        self.provider: str = session.get_providers()[0]
        self._kokoro = Kokoro.from_session(session, str(voices))
        # It would read each voice from the file every time, and never close it.
        self._kokoro.voices.close()
        outputs = [output.name for output in session.get_outputs()]
        # kokoro-onnx takes the second output for the durations, whatever its name.
        self._kokoro.has_timings = outputs[1:2] == [DURATION_OUTPUT]
        self.vocabulary: dict[str, int] = self._kokoro.tokenizer.vocab
        self.capabilities = Capabilities(
            slowest=SLOWEST,
            fastest=FASTEST,
            word_times=self._kokoro.has_timings,
            blends=True,
            loudness=True,
        )

    def say(
        self, reading: Reading, asks: Phrase, voicing: Voicing, stop: Stop, after_s: float
    ) -> Iterator[Sound]:
        # Loaded here: FFmpeg, which an opened model does without.
        from actors.engines.loudness import amplified

        stop.check()
        samples, lasts = self._run(reading.phonemes, asks.speed, voicing)
        words = timed(reading, _spans(reading, lasts)) if self.capabilities.word_times else ()
        yield from amplified([Sound(pcm_of(samples), words)], asks.loudness)

    def close(self) -> None:
        """There is nothing to end."""

    def _run(
        self, phonemes: str, speed: float, voicing: Voicing
    ) -> tuple[Samples, Sequence[Timing]]:
        try:
            samples, _, lasts = self._kokoro.create_timed(
                phonemes,
                voicing.colour,
                min(max(speed, SLOWEST), FASTEST),
                is_phonemes=True,
                trim=True,
            )
        except Exception:  # noqa: BLE001  ONNX Runtime's exceptions have no base of their own
            # Not chained: what the libraries say quotes what was to be spoken.
            raise EngineError("The model failed on this text; try it in shorter phrases.") from None
        if not samples.size or not np.isfinite(samples).all():
            raise EngineError(
                "The model gave no numbers for sound; check its files with `colloquy models check`."
            )
        return _without_tail(samples), lasts


def _session(path: Path, threads: int, chosen: Sequence[Provider]) -> onnxruntime.InferenceSession:
    options = session_options(threads)
    try:
        adapted(options, chosen[0][0])
        session = onnxruntime.InferenceSession(str(path), options, providers=list(chosen))
    except Exception as error:
        raise ModelInvalid(
            f"{path} is not a whole ONNX model; fetch it anew with `colloquy models fetch`."
        ) from error
    _require_kokoro(session, path)
    return session


def _require_kokoro(session: onnxruntime.InferenceSession, path: Path) -> None:
    inputs = {each.name: each.shape for each in session.get_inputs()}
    tokens = inputs.keys() & set(TOKEN_INPUTS)
    if inputs.keys() - set(TOKEN_INPUTS) != {"style", "speed"} or len(tokens) != 1:
        raise ModelInvalid(
            f"{path} takes {', '.join(sorted(inputs))}, so it is not a Kokoro model; "
            "that takes tokens, style and speed."
        )
    if inputs["style"][-1] != STYLE_SIZE:
        raise ModelInvalid(f"{path} takes styles of another size than {STYLE_SIZE}.")


def _spans(reading: Reading, lasts: Sequence[Timing]) -> list[Span | None]:
    """When each word sounds: from its first phoneme to its last; None for one without."""
    spans: list[Span | None] = [None] * len(reading.words)
    for owner, phoneme in zip(reading.owner, lasts, strict=True):
        if phoneme.phoneme.isspace() or unicodedata.category(phoneme.phoneme[0])[0] == "P":
            continue
        begun = spans[owner]
        spans[owner] = (begun[0] if begun else phoneme.start, phoneme.end)
    return spans


def _without_tail(samples: Samples) -> Samples:
    """Drop the silence at the end, which is for the phrase to say."""
    loud = np.flatnonzero(np.abs(samples) > QUIET * np.abs(samples).max())
    return samples[: loud[-1] + 1] if loud.size else samples
