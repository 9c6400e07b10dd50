"""Markup at the door: read before anything is recorded, refused by the place where it is wrong."""

from actors.markup import Marked, MarkupError, Resolve, Tags, ssml
from actors.refusals import NotAVoice
from actors.voices import Voices
from gateway.errors import Problem
from gateway.fields import Markup


def marked(text: str, markup: Markup, voices: Voices, param: str) -> Marked:
    """The text without its markup, and what that asks.

    Raises:
        Problem: the markup is wrong; it names the field and the place.
    """
    try:
        match markup:
            case "tags":
                return tags(voices).read(text, last=True)[1]
            case "ssml":
                return ssml(text, _resolving(voices))
            case "none":
                return Marked(text)
    except MarkupError as wrong:
        raise problem(wrong, param) from None


def tags(voices: Voices) -> Tags:
    """To read tags with as they come."""
    return Tags(_resolving(voices))


def problem(wrong: MarkupError, param: str) -> Problem:
    """What a caller is told of wrong markup."""
    message = f"{param}, {wrong.where}: {wrong.what}; nothing was recorded"
    return Problem(422, message, code="invalid_markup", param=param)


def _resolving(voices: Voices) -> Resolve:
    def resolve(name: str) -> str:
        try:
            return voices.resolve(name)
        except NotAVoice as unknown:
            raise ValueError(str(unknown).rstrip(".")) from None

    return resolve
