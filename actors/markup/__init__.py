"""Markup: what a text says beside its words. It knows nothing of who asks, or of who speaks."""

from actors.markup.marks import Mark, Marked, Marks, MarkupError, part
from actors.markup.ssml import ssml
from actors.markup.tags import Tags
from actors.markup.values import Resolve
from actors.markup.words import Wishes, asked_by, normal, pronounced

__all__ = [
    "Mark",
    "Marked",
    "Marks",
    "MarkupError",
    "Resolve",
    "Tags",
    "Wishes",
    "asked_by",
    "normal",
    "part",
    "pronounced",
    "ssml",
]
