"""Voices that other servers have, in a conversation that has its own."""

from collections.abc import Sequence

from actors.engines.base import Voice
from gateway.errors import Problem

OWN = "en"
"""The language in which everybody can speak with their own voice."""


def voice_for(language: str, voices: Sequence[Voice]) -> str | None:
    """Who speaks a language, as a tag such as `fr-CA`; None leaves it to the speaker's own voice.

    Raises:
        Problem: nobody speaks it.
    """
    wanted = _primary(language)
    if wanted == OWN:
        return None
    for voice in voices:
        if _primary(voice.language) == wanted:
            return voice.id
    spoken = ", ".join(sorted({_primary(voice.language) for voice in voices}))
    message = f"language: nobody here speaks {wanted!r}; voices speak {spoken}"
    raise Problem(422, message, code="invalid_value", param="language")


def _primary(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()
