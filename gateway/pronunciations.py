"""The dictionary of a conversation, as callers send it."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from actors.markup import normal, phonemes
from events.direction import Saying

MOST = 1000
"""Words of one dictionary."""
LONGEST = 200
"""Characters of what is said for a word."""


def _phonemes(value: str) -> str:
    if why := phonemes.wrong(value):
        raise ValueError(why)
    return value


def _said(value: str) -> str:
    if not value.isprintable() or not any(map(str.isalnum, value)):
        raise ValueError("printable characters with at least one letter or digit are needed")
    return value


class SayingIn(BaseModel):
    """How a word is said: by its phonemes, or by other words."""

    model_config = ConfigDict(frozen=True)

    phonemes: Annotated[str, AfterValidator(_phonemes)] | None = None
    """IPA, in the symbols that Kokoro knows."""
    say_as: Annotated[str, AfterValidator(_said)] | None = Field(None, max_length=LONGEST)

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.phonemes is None) == (self.say_as is None):
            raise ValueError("either phonemes or say_as is needed, and not both")
        return self


def _words(value: dict[str, SayingIn]) -> dict[str, SayingIn]:
    known = set[str]()
    for word in value:
        if len(word.split()) != 1 or word.strip() != word or not word.isprintable():
            raise ValueError(f"{word!r} is not one word; write one, without white space")
        if len(word) > 100 or not any(map(str.isalnum, word)):
            raise ValueError(f"{word[:100]!r} needs a letter or digit, in at most 100 characters")
        if normal(word) in known:
            raise ValueError(f"{word!r} is there twice; letter case does not matter")
        known.add(normal(word))
    return value


Pronunciations = Annotated[dict[str, SayingIn], Field(max_length=MOST), AfterValidator(_words)]


def sayings(asked: dict[str, SayingIn]) -> dict[str, Saying]:
    """A dictionary as conversations keep it."""
    return {
        word: Saying(phonemes=saying.phonemes, say_as=saying.say_as)
        for word, saying in asked.items()
    }
