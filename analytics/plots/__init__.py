"""What can be drawn of a conversation, or of all of them.

Drawing needs matplotlib, which takes a second to load and which a server can do without: here are
only the names; `drawing` has the rest, and `studio` has it done in another process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

Theme: TypeAlias = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Plot:
    module: str
    """In this package; it has a function `draw`."""
    summary: str
    reads: tuple[str, ...]
    """Views."""
    of_one: bool = False
    """Whether it can be drawn of a single conversation only."""


PLOTS: Mapping[str, Plot] = MappingProxyType(
    {
        "timeline": Plot(
            "timeline",
            "Who spoke when, how it was meant, and over whom",
            ("turns", "overlaps"),
            True,
        ),
        "emotion": Plot(
            "emotion",
            "Valence and arousal of each speaker as time goes by",
            ("emotion_trajectory",),
            True,
        ),
        "talk_share": Plot("talk_share", "How much of the talk was whose", ("talk_share",)),
        "emotion_transitions": Plot(
            "transitions", "Which emotion follows which", ("emotion_transitions",)
        ),
        "act_transitions": Plot(
            "transitions", "Which dialogue act follows which", ("act_transitions",)
        ),
        "floor_transfers": Plot(
            "floor_transfers", "How soon one speaker follows another", ("floor_transfers",)
        ),
        "latency": Plot("latency", "Where the time of each spoken turn went", ("latency",)),
        "prosody": Plot(
            "prosody",
            "What was asked of the voice, against what was measured",
            ("style_consistency",),
        ),
        "topics": Plot("topics", "What was talked about when", ("topics",), True),
    }
)
"""By name, in the order in which a report shows them."""

NOT_INSTALLED = (
    "plots need matplotlib, which is not installed here; install Colloquy with its extra `plots`"
)
