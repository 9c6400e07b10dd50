"""Steering: what a phrase asks becomes the arrays between the parts of a model.

`frames` bends durations, `contour` bends F0, `envelope` shapes what the model then sounds, and
`word_times` tells where the words came to lie. They know arrays only, and no model.
"""

from actors.engines.kokoro_graph.steering.contour import contour
from actors.engines.kokoro_graph.steering.durations import frames
from actors.engines.kokoro_graph.steering.excerpts import excerpt
from actors.engines.kokoro_graph.steering.loudness import Envelope, envelope
from actors.engines.kokoro_graph.steering.rests import word_times
from actors.engines.kokoro_graph.steering.style import delivered
from actors.engines.kokoro_graph.steering.transcription import Transcription

__all__ = [
    "Envelope",
    "Transcription",
    "contour",
    "delivered",
    "envelope",
    "excerpt",
    "frames",
    "word_times",
]
