"""What the end of a phrase is the end of."""

from collections.abc import Iterator, Sequence
from typing import Literal

from actors.understanding.acts import act_of
from actors.understanding.legible import excerpt
from events.readings import QUESTIONS

Ending = Literal[
    "yes_no_question", "wh_question", "alternative_question", "statement", "continuation"
]

_OPEN = (",", ";", ":", "-", "–", "—", "…", "...", "、", "，", "；", "：")
"""Marks with which a sentence goes on, or is left hanging."""

_CLOSED = (".", "!", "?", "。", "！", "？")

_CLOSERS = "\"'”’)]» "


def endings(phrases: Sequence[str]) -> Iterator[Ending]:
    """Of each phrase: the sentence that ends with it, or only a part of one."""
    sentence = ""
    for number, phrase in enumerate(phrases, start=1):
        sentence = f"{sentence} {phrase}".strip()
        whole = _ends(phrase) or (number == len(phrases) and not _goes_on(phrase))
        yield _ending(sentence) if whole else "continuation"
        sentence = "" if whole else sentence


def _ending(sentence: str) -> Ending:
    """The form of a sentence; what asks politely for something has that of a yes/no question."""
    act = act_of(excerpt(sentence))
    if act in QUESTIONS:
        return act  # type: ignore[return-value]
    asks = sentence.rstrip(_CLOSERS).endswith(("?", "？"))
    return "yes_no_question" if asks else "statement"


def _goes_on(text: str) -> bool:
    return text.rstrip(_CLOSERS).endswith(_OPEN)


def _ends(text: str) -> bool:
    return not _goes_on(text) and text.rstrip(_CLOSERS).endswith(_CLOSED)
