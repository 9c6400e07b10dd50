"""What a direction asks of the engine, measured in the process that has it."""

from collections import deque
from itertools import product
from threading import Thread
from time import perf_counter

import numpy as np

from actors.engines.base import Engine
from actors.synthesis.worker import SynthesisWorker
from events.direction import Phrase
from tests.benchmarks.prosody import Obedience, Speech, measure_prosody
from tests.benchmarks.speakers import VOICE, Ours
from tests.fixtures.listening import listen

_WHO = (
    "The harbour",
    "My brother",
    "A yellow lorry",
    "Nobody here",
    "The garden",
    "Our neighbour",
    "A long winter",
    "The library",
    "Your order",
    "The morning",
)
_DOES = (
    "will be ready soon.",
    "has gone to the river.",
    "arrives on a Monday.",
    "waits for the rain.",
    "belongs to the village.",
    "remembers the summer.",
    "needs a little time.",
    "is open again.",
    "leaves in an hour.",
    "looks very different.",
)
PHRASES = tuple(" ".join(parts) for parts in product(_WHO, _DOES))


def obedience(speaker: Ours) -> Obedience:
    return measure_prosody(lambda phrase: _speech(speaker.engine, phrase), PHRASES)


def _speech(engine: Engine, phrase: Phrase) -> Speech:
    heard = listen(engine.synthesise(phrase, VOICE))
    samples = heard.samples.astype(np.float32) / 32768
    return Speech(samples, [(word.start_s, word.end_s) for word in heard.words])


def stops_ms(speaker: Ours, text: str, times: int) -> list[float]:
    """How long a synthesis goes on that was cancelled, at moments spread over its course."""
    worker = SynthesisWorker(speaker.engine)
    began = perf_counter()
    _drain(worker, 0, text)
    whole_s = perf_counter() - began
    # Not at the very end, where it may be over before anybody can stop it.
    moments = np.linspace(0.02, 0.85, times) * whole_s
    return [_stop_ms(worker, lease, text, after_s) for lease, after_s in enumerate(moments, 1)]


def _stop_ms(worker: SynthesisWorker, lease: int, text: str, after_s: float) -> float:
    speaking = Thread(target=_drain, args=(worker, lease, text))
    speaking.start()
    speaking.join(after_s)
    began = perf_counter()
    worker.cancel(lease)
    speaking.join()
    return (perf_counter() - began) * 1000


def _drain(worker: SynthesisWorker, lease: int, text: str) -> None:
    deque(worker.synthesise(lease, Phrase(text=text), VOICE), maxlen=0)
