"""Gain in the signal, and a ceiling that a louder signal bends under instead of clipping."""

from collections.abc import Iterable, Iterator

import av
import numpy as np
from av.filter import Graph

from actors.engines.base import SAMPLE_RATE, Sound

CEILING = 0.98
"""Of full scale: no sample that was amplified is above it."""

_ATTACK_MS, _RELEASE_MS = 5, 50


def amplified(parts: Iterable[Sound], decibels: float) -> Iterator[Sound]:
    """Make sound louder, sample by sample in place; 0 dB gives back the same bytes.

    The gain is exact below the ceiling. Above it a limiter, which looks 5 ms ahead, lowers the
    gain and lets it rise again, so the last 5 ms of a part come with the next one.
    """
    if decibels == 0:
        yield from parts
        return
    graph = _graph(decibels)
    for part in parts:
        if part.pcm:
            graph.push(_frame(part.pcm))
        yield Sound(_pulled(graph), part.words)
    graph.push(None)
    yield Sound(_pulled(graph))


def _graph(decibels: float) -> Graph:
    graph = Graph()
    limits = f"limit={CEILING}:attack={_ATTACK_MS}:release={_RELEASE_MS}:level=false:latency=true"
    graph.link_nodes(
        graph.add_abuffer(format="s16", sample_rate=SAMPLE_RATE, layout="mono"),
        graph.add("volume", f"volume={decibels:.6f}dB:precision=double"),
        graph.add("alimiter", limits),
        graph.add("aformat", "sample_fmts=s16"),
        graph.add("abuffersink"),
    ).configure()
    return graph


def _frame(pcm: bytes) -> av.AudioFrame:
    samples = np.frombuffer(pcm, "<i2").astype(np.int16).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    return frame


def _pulled(graph: Graph) -> bytes:
    pulled = bytearray()
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return bytes(pulled)
        pulled += frame.to_ndarray().astype("<i2").tobytes()
