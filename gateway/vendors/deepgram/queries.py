"""What the addresses of Deepgram's clients ask for."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field
from starlette.datastructures import QueryParams

from actors.engines.base import SAMPLE_RATE
from actors.refusals import NotAVoice
from gateway.errors import Problem
from gateway.fields import Speed
from gateway.system import System
from gateway.vendors.address import Address, address_of
from gateway.vendors.output import OPUS_RATE, Container, Encoding, OutputFormat
from gateway.vendors.voices import voice_for

_SAMPLES: Mapping[str, Encoding] = MappingProxyType(
    {"linear16": "s16le", "mulaw": "mulaw", "alaw": "alaw"}
)
_CONTAINERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "linear16": ("wav", "none"),
        "mulaw": ("wav", "none"),
        "alaw": ("wav", "none"),
        "mp3": ("none",),
        "opus": ("ogg",),
    }
)
"""What each encoding can be put into, the default first."""
_TELEPHONE_RATES = (8_000, 16_000)
"""Of mu-law and A-law."""
_THEIRS = re.compile(r"(?:flux|aura|aura-2)-(?P<name>.+)-(?P<language>[a-z]{2})")

AURA_MODEL = "aura-asteria-en"
"""Where `/v1/speak` is not told any."""
EXPRESSIVITY = {-2: 0.2, -1: 0.4, 0: None, 1: 0.8, 2: 1.0}
"""From calm to animated, as `intensity` here; None leaves it to the conversation."""


def _number(value: object) -> object:
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value


def _nothing(value: object) -> None:
    if value:
        raise ValueError("nobody is called back from here; leave it out, and read the answer")


class Query(Address):
    """What any of their addresses may ask for; what else they hold is ignored."""

    model: str = Field(min_length=1, max_length=512)
    sample_rate: int | None = None
    speed: Speed = 1.0


class StreamQuery(Query):
    """Of a WebSocket."""

    encoding: Literal["linear16", "mulaw", "alaw"] = "linear16"
    expressivity: Annotated[Literal[-2, -1, 0, 1, 2], BeforeValidator(_number)] = 0

    @property
    def output(self) -> OutputFormat:
        """Raises `Problem` if the encoding is not made at the rate."""
        return _samples(self.encoding, self.sample_rate, "raw")

    @property
    def intensity(self) -> float | None:
        return EXPRESSIVITY[self.expressivity]


class LineQuery(Query):
    """Of a call over HTTP."""

    encoding: Literal["linear16", "mulaw", "alaw", "mp3", "opus"] = "mp3"
    container: Literal["none", "wav", "ogg"] | None = None
    bit_rate: int | None = Field(None, ge=4_000, le=650_000)
    callback: Annotated[None, BeforeValidator(_nothing)] = None

    @property
    def output(self) -> OutputFormat:
        """Raises `Problem` if nothing here makes that."""
        containers = _CONTAINERS[self.encoding]
        container = self.container or containers[0]
        if container not in containers:
            message = f"container: {self.encoding} goes into {' or '.join(containers)}"
            raise refusal(message, "container")
        if self.encoding in _SAMPLES:
            raw_or_wav: Container = "wav" if container == "wav" else "raw"
            return _samples(self.encoding, self.sample_rate, raw_or_wav)
        coded: Encoding = "opus" if self.encoding == "opus" else "mp3"
        rate = self.sample_rate or (OPUS_RATE if coded == "opus" else SAMPLE_RATE)
        return _made(coded, rate, bit_rate=self.bit_rate)


Asked = TypeVar("Asked", bound=Query)


def asked_of(query: QueryParams, kind: type[Asked], **defaults: str) -> Asked:
    """What an address asks for. Raises `Problem`."""
    # pipecat adds a query to its URL, also where that has one.
    given = {name.removeprefix("?"): value for name, value in query.items()}
    try:
        return address_of({**defaults, **given}, kind, status=400)
    except Problem as wrong:
        raise refusal(wrong.message, wrong.param) from None


def voice_of(model: str, system: System) -> str | None:
    """Whose voice a model is; None is the speaker's own.

    One of ours may be named as it is, or in the manner of theirs: `flux-af_heart-en`. A voice of
    theirs stands for the speaker's own, or for one of its language.

    Raises:
        Problem: nobody has it, or speaks the language.
    """
    theirs = _THEIRS.fullmatch(model)
    try:
        return system.voices.resolve(theirs["name"] if theirs else model)
    except NotAVoice as unknown:
        if theirs is None:
            message = f"model: {unknown}"
            raise refusal(message, "model", status=404, code="voice_not_found") from None
    return voice_for(theirs["language"], system.voice_list)


def refusal(
    message: str, param: str | None, *, status: int = 400, code: str = "invalid_value"
) -> Problem:
    """Why there is nothing to be had here; in a header, too, where their clients look for it."""
    header = {"dg-error": message.encode("ascii", "replace").decode()}
    return Problem(status, message, code=code, param=param, headers=header)


def _samples(encoding: str, rate: int | None, container: Container) -> OutputFormat:
    telephone = encoding != "linear16"
    rate = rate or (_TELEPHONE_RATES[0] if telephone else SAMPLE_RATE)
    if telephone and rate not in _TELEPHONE_RATES:
        raise refusal(f"sample_rate: {encoding} is made at 8000 or 16000", "sample_rate")
    return _made(_SAMPLES[encoding], rate, container)


def _made(
    encoding: Encoding, rate: int, container: Container = "raw", bit_rate: int | None = None
) -> OutputFormat:
    try:
        return OutputFormat(encoding, rate, container, bit_rate)
    except ValueError as cannot:
        raise refusal(f"sample_rate: {cannot}", "sample_rate") from None
