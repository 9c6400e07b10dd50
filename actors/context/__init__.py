"""What of the conversation so far bears on the next line, in four encodings to be looked at.

All of it is a function of the state, so none of it is recorded: the context of any turn is that of
the state before it.
"""

from actors.context.emotional import Emotional
from actors.context.gaps import response_gap_ms
from actors.context.semantic import Semantic
from actors.context.speaker import Speaker, Style, style_of
from actors.context.temporal import Temporal
from actors.context.whole import Context, context_of

__all__ = [
    "Context",
    "Emotional",
    "Semantic",
    "Speaker",
    "Style",
    "Temporal",
    "context_of",
    "response_gap_ms",
    "style_of",
]
