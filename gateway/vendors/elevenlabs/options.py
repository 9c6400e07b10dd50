"""What the address of a call asks for."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError
from starlette.datastructures import Headers, QueryParams

from gateway.bodies import Body
from gateway.errors import Problem
from gateway.fields import NameInHeader
from gateway.vendors.output import Encoding, OutputFormat

SPEAKER_HEADER = "x-speaker-id"
SPEAKER = "assistant"
LONGEST_INACTIVITY_S = 180
DEFAULT_FORMAT = "mp3_44100_128"

RECORDED = (
    "what is spoken on a WebSocket is recorded as a turn of its conversation; leave this out, and "
    "erase the conversation afterwards, or use a call over HTTP"
)
NO_MARKUP = "a text that comes piece by piece is taken as plain words here; leave this out"

_PCM = {f"pcm_{rate}": rate for rate in (8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)}
_MP3 = ("22050_32", "24000_48", "44100_32", "44100_64", "44100_96", "44100_128", "44100_192")
_OPUS = ("48000_32", "48000_64", "48000_96", "48000_128", "48000_192")


def _coded(encoding: Encoding, names: tuple[str, ...]) -> dict[str, OutputFormat]:
    shapes = {f"{encoding}_{name}": map(int, name.split("_")) for name in names}
    return {
        name: OutputFormat(encoding, rate, bit_rate=kilobits * 1000)
        for name, (rate, kilobits) in shapes.items()
    }


STREAMED: Mapping[str, OutputFormat] = MappingProxyType(
    {
        **{name: OutputFormat("s16le", rate) for name, rate in _PCM.items()},
        "ulaw_8000": OutputFormat("mulaw", 8000),
        "alaw_8000": OutputFormat("alaw", 8000),
        **_coded("mp3", _MP3),
        **_coded("opus", _OPUS),
    }
)
"""By the names that `output_format` may have on a WebSocket."""
FORMATS: Mapping[str, OutputFormat] = MappingProxyType(
    {
        **STREAMED,
        **{f"wav_{rate}": OutputFormat("s16le", rate, "wav") for rate in _PCM.values()},
    }
)
"""By those that it may have in other calls."""


class Options(Body):
    """Of a WebSocket, as far as they mean anything here."""

    output_format: str = DEFAULT_FORMAT
    auto_mode: bool = False
    """Whether each message is a sentence or phrase of its own."""
    sync_alignment: bool = False
    inactivity_timeout: Annotated[int, Field(gt=0, le=LONGEST_INACTIVITY_S)] = 20
    """Seconds without a message after which a context is closed."""
    enable_logging: bool = True
    enable_ssml_parsing: bool = False


_OPTIONS: TypeAdapter[Options] = TypeAdapter(Options)
_NAME: TypeAdapter[str] = TypeAdapter(NameInHeader)


def options_of(query: QueryParams) -> Options:
    """Raises `Problem` for what is out of range, or would be promised in vain."""
    try:
        options = _OPTIONS.validate_python(dict(query))
    except ValidationError as wrong:
        raise invalid(wrong, "nothing was done") from None
    if not options.enable_logging:
        raise _promised_in_vain("enable_logging", RECORDED)
    if options.enable_ssml_parsing:
        raise _promised_in_vain("enable_ssml_parsing", NO_MARKUP)
    return options


def format_of(name: str, known: Mapping[str, OutputFormat]) -> OutputFormat:
    """Raises `Problem` if there is no such format."""
    if name not in known:
        names = ", ".join(known)
        message = f"output_format: {name!r} is not made here; there are {names}"
        raise Problem(422, message, code="invalid_output_format", param="output_format")
    return known[name]


def speaker_of(headers: Headers, query: QueryParams) -> str:
    """Who speaks in the conversation. Raises `Problem`."""
    named = headers.get(SPEAKER_HEADER) or query.get("speaker_id") or SPEAKER
    try:
        return _NAME.validate_python(named)
    except ValidationError:
        message = "speaker_id: 1 to 128 printable characters are needed"
        raise Problem(422, message, code="invalid_value", param="speaker_id") from None


def _promised_in_vain(param: str, why: str) -> Problem:
    return Problem(422, f"{param}: {why}", code="invalid_value", param=param)


def invalid(wrong: ValidationError, outcome: str) -> Problem:
    """What is wrong with a field, and what came of it."""
    first = wrong.errors()[0]
    param = ".".join(str(part) for part in first["loc"])
    why = first["msg"].removeprefix("Value error, ")
    return Problem(422, f"{param}: {why}; {outcome}", code="invalid_value", param=param)
