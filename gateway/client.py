"""The Python client, for programs that wait and for programs on an event loop.

What can be asked is written once, as functions that build a `Call`; `Colloquy` and `AsyncColloquy`
differ only in how they send it. A call that is repeated after a lost connection is done once: every
line has a `turn_id`, and every other change an `Idempotency-Key`, from before the first attempt.
"""

import asyncio
import os
import random
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Concatenate, Generic, ParamSpec, Self, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter

if TYPE_CHECKING:
    from gateway.live_client import AsyncLive, Live

T = TypeVar("T")
A = TypeVar("A")
P = ParamSpec("P")

_LONGEST_WAIT_S = 30.0
"""A server that asks for a longer pause gets no second attempt: the caller knows better."""
_FIRST_WAIT_S = 0.2
_LONGEST_PAUSE_S = 5.0
_AWAY_S = 60.0
_API_KEY = "COLLOQUY_API_KEY"
"""In the environment, for who gives none."""


class ColloquyError(Exception):
    """What the server refused, in its own words; `status` is None where no answer came."""

    def __init__(
        self,
        status: int | None,
        message: str,
        type: str | None = None,  # noqa: A002 - the contract's name
        param: str | None = None,
        code: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(status, message, type, param, code, request_id, retry_after)
        self.status, self.message, self.type = status, message, type
        self.param, self.code, self.request_id = param, code, request_id
        self.retry_after = retry_after
        """Seconds after which the server would like to be asked again."""

    def __str__(self) -> str:
        return self.message


class Answer(BaseModel):
    """What all answers share: frozen, and fields of a later release are kept."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Participant(Answer):
    id: str
    role: str = "agent"
    name: str | None = None
    voice: str | None = None
    intensity: float | None = None


class Started(Answer):
    conversation_id: str
    participants: tuple[Participant, ...] = ()
    version: int | None = None


class Affect(Answer):
    valence: float
    arousal: float
    category: str
    sentiment: str
    confidence: float
    sources: tuple[str, ...] = ()


class WordTime(Answer):
    word: str
    start_s: float
    end_s: float


class Features(Answer):
    """What was measured in the sound of a turn; see the API's documentation for the units."""

    duration_s: float
    f0_median_hz: float | None = None
    f0_range_st: float | None = None
    f0_final_slope: float | None = None
    loudness_lufs: float | None = None
    rate_syll_s: float | None = None
    speech_s: float | None = None
    pauses: int | None = None
    pauses_s: float | None = None
    longest_pause_s: float | None = None
    notes: tuple[str, ...] = ()


class Heard(Answer):
    """What a turn that was listened to became."""

    turn: int
    turn_id: str
    affect: Affect | None = None
    features: Features | None = None


class Context(Answer):
    """What of a conversation bears on a line."""

    version: int
    speaker_id: str | None = None
    partner_id: str | None = None
    temporal: dict[str, Any] = {}
    speakers: dict[str, dict[str, Any]] = {}
    semantic: dict[str, Any] = {}
    emotional: dict[str, Any] = {}


class Refusal(Answer):
    """Why one turn of several was not recorded."""

    message: str
    code: str | None = None


class Brought(Answer):
    """What became of one turn of several."""

    turn_id: str
    turn: int | None = None
    error: Refusal | None = None


class Turn(Heard):
    speaker_id: str
    kind: str
    status: str
    text: str
    heard_text: str | None = None
    words: tuple[WordTime, ...] | None = None
    act: str | None = None
    topic: Any = None
    context: Context | None = None
    """Only of a turn that is asked for by itself."""
    direction: dict[str, Any] | None = None
    engine: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


class Interrupted(Answer):
    heard_text: str
    unheard_text: str
    audio_played_ms: int


class Saying(Answer):
    """How a word is said: one of the two."""

    phonemes: str | None = None
    say_as: str | None = None


class Dictionary(Answer):
    conversation_id: str
    pronunciations: dict[str, Saying] = {}
    version: int


class State(Started):
    version: int
    status: str
    current_speaker: str | None = None
    emotional_state: Any = None
    topic: Any = None
    turns: tuple[Turn, ...] = ()
    turn_count: int = 0
    speakers: Any = None
    pronunciations: dict[str, Saying] = {}


class Event(Answer):
    event_id: str
    conversation_id: str
    version: int
    position: int
    type: str
    schema_version: int
    recorded_at: datetime
    command_id: str | None = None
    data: dict[str, Any]


class Summary(Answer):
    """A conversation, as it is listed."""

    conversation_id: str
    status: str | None = None
    version: int | None = None


class Damage(Answer):
    """One place at which the log is not what was written."""

    position: int
    conversation_id: str | None = None
    version: int | None = None
    what: str


class Verified(Answer):
    """What a check of the whole log found."""

    content: bool
    events: int
    conversations: int
    last_position: int
    damages: tuple[Damage, ...] = ()


class Named(Answer):
    """A voice or a model."""

    id: str
    name: str | None = None


class _Sound:
    """What the headers of sound say; None where the server did not say it."""

    def __init__(self, response: httpx.Response) -> None:
        said = response.headers
        self.conversation_id: str | None = said.get("X-Conversation-ID")
        self.turn = _whole(said.get("X-Conversation-Turn"))
        self.turn_id: str | None = said.get("X-Turn-ID")
        self.response_gap_ms = _whole(said.get("X-Response-Gap-Ms"))
        """The pause to leave before the line is played."""
        self.request_id: str | None = said.get("X-Request-ID")
        self.media_type: str = said.get("Content-Type", "").partition(";")[0]
        self._response = response

    @contextmanager
    def _unbroken(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as lost:
            message = "The sound broke off; ask again with the same turn_id for the same sound."
            raise ColloquyError(None, message, request_id=self.request_id) from lost


class Speech(_Sound):
    """Sound as it arrives; read it all, or close it, so that its connection is free again."""

    def read(self) -> bytes:
        with self._unbroken():
            return self._response.read()

    def iter_bytes(self) -> Iterator[bytes]:
        with self._unbroken():
            yield from self._response.iter_bytes()

    def save(self, path: str | Path) -> None:
        """Write a file, once all has arrived."""
        Path(path).write_bytes(self.read())

    def close(self) -> None:
        self._response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncSpeech(_Sound):
    """Sound as it arrives; read it all, or close it, so that its connection is free again."""

    async def read(self) -> bytes:
        with self._unbroken():
            return await self._response.aread()

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        with self._unbroken():
            async for piece in self._response.aiter_bytes():
                yield piece

    async def save(self, path: str | Path) -> None:
        """Write a file, once all has arrived."""
        await asyncio.to_thread(Path(path).write_bytes, await self.read())

    async def close(self) -> None:
        await self._response.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


@dataclass(frozen=True)
class Reader(Generic[T, A]):
    """How an answer is read, by those who wait (`T`) and by those who do not (`A`)."""

    now: "Callable[[_Line, httpx.Response], T]"
    soon: "Callable[[_AsyncLine, httpx.Response], A]"
    streams: bool = False
    """The body is read by whoever gets the answer."""


@dataclass(frozen=True)
class Call(Generic[T, A]):
    """One thing to ask; `send` is what httpx needs to send it."""

    method: str
    path: str
    reader: Reader[T, A]
    send: Mapping[str, Any]
    repeatable: bool = True
    """Doing it twice is doing it once."""
    accepted: Collection[int] = range(200, 300)


def _read(parse: Callable[[httpx.Response], T]) -> Reader[T, T]:
    return Reader(lambda _, response: parse(response), lambda _, response: parse(response))


def _as(shape: type[T], *keys: str) -> Reader[T, T]:
    """A reader of JSON as `shape`, found under the first of the keys that is there."""
    adapter = TypeAdapter(shape)

    def parse(response: httpx.Response) -> T:
        try:
            body = response.json()
            known = [body[key] for key in keys if key in body] if isinstance(body, dict) else []
            return adapter.validate_python(known[0] if known else body)
        except ValueError as strange:
            message = "The answer was not understood; is this Colloquy, and of this release?"
            raise ColloquyError(response.status_code, message) from strange

    return _read(parse)


def _conversation() -> "Reader[Conversation, AsyncConversation]":
    started = _as(Started)
    return Reader(
        lambda line, response: Conversation(line, started.now(line, response)),
        lambda line, response: AsyncConversation(line, started.soon(line, response)),
    )


_SOUND = Reader(lambda _, r: Speech(r), lambda _, r: AsyncSpeech(r), streams=True)
_STREAM = Reader(lambda _, r: r, lambda _, r: r, streams=True)
_NOTHING = _read(lambda _: None)


def _given(**fields: Any) -> dict[str, Any]:
    said = {name: value for name, value in fields.items() if value is not None}
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in said.items()}


def _get(path: str, reader: Reader[T, A], **params: Any) -> Call[T, A]:
    return Call("GET", path, reader, {"params": _given(**params)})


def _post(path: str, reader: Reader[T, A], **send: Any) -> Call[T, A]:
    send["headers"] = {"Idempotency-Key": str(uuid4())} | send.get("headers", {})
    return Call("POST", path, reader, send)


def _segment(name: str) -> str:
    if name in ("", ".", ".."):
        raise ValueError(f"{name!r} cannot be an id.")
    return quote(name, safe="")


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


# What can be asked of the service: `root` is `/v1`.


def _start(
    root: str,
    participants: Iterable[str | Mapping[str, Any]],
    conversation_id: str | None = None,
    context_window: int | None = None,
    metadata: Mapping[str, Any] | None = None,
    intensity: float | None = None,
    pronunciations: Mapping[str, Mapping[str, str]] | None = None,
) -> "Call[Conversation, AsyncConversation]":
    """Begin a conversation; a participant is an id, or `{"id", "name", "role", "voice", …}`.

    `intensity`, from 0 (the plain engine) to 1, is how much of full expression is heard; also of
    one participant, by `{"id", "intensity"}`. `pronunciations` is what `pronounce` takes.
    """
    body = _given(participants=list(participants), conversation_id=conversation_id)
    body |= _given(context_window=context_window, metadata=metadata, intensity=intensity)
    body |= _given(pronunciations=pronunciations)
    return _post(f"{root}/conversation/start", _conversation(), json=body)


def _conversations(
    root: str, limit: int | None = None, after: str | None = None, status: str | None = None
) -> Call[list[Summary], list[Summary]]:
    reader = _as(list[Summary], "conversations", "data")
    return _get(f"{root}/conversations", reader, limit=limit, after=after, status=status)


def _speech(
    root: str,
    text: str,
    voice: str,
    *,
    model: str = "tts-1",
    response_format: str = "wav",
    speed: float | None = None,
    instructions: str | None = None,
    conversation_id: str | None = None,
    speaker_id: str | None = None,
    markup: str | None = None,
) -> Call[Speech, AsyncSpeech]:
    """Speak by OpenAI's route; with both ids, the line is a turn of that conversation."""
    body = _given(input=text, voice=voice, model=model, response_format=response_format)
    body |= _given(speed=speed, instructions=instructions, markup=markup)
    headers = {"X-Conversation-ID": conversation_id, "X-Speaker-ID": speaker_id}
    return _post(f"{root}/audio/speech", _SOUND, json=body, headers=_given(**headers))


def _voices(root: str) -> Call[list[Named], list[Named]]:
    return _get(f"{root}/audio/voices", _as(list[Named], "voices", "data"))


def _models(root: str) -> Call[list[Named], list[Named]]:
    return _get(f"{root}/models", _as(list[Named], "data"))


def _health(_: str) -> Call[dict[str, Any], dict[str, Any]]:
    return _get("/health", _as(dict[str, Any]))


def _verify(root: str) -> Call[Verified, Verified]:
    """Recompute every chain of the log; where it is damaged, the answer says where."""
    return _get(f"{root}/log/verify", _as(Verified))


def _ready(_: str) -> Call[bool, bool]:
    """Whether the server can speak by now; False is an answer, and not asked again."""
    call = _get("/ready", _read(lambda response: response.status_code != 503))
    return replace(call, accepted=(200, 204, 503))


# What can be asked of a conversation: `root` is its own path.


def _speak(
    root: str,
    text: str,
    speaker_id: str,
    *,
    voice: str | None = None,
    response_format: str = "wav",
    speed: float | None = None,
    emotion: str | None = None,
    turn_id: str | None = None,
    words: Sequence[Mapping[str, Any]] = (),
    markup: str | None = None,
) -> Call[Speech, AsyncSpeech]:
    """Speak a line; the same `turn_id` with the same words is the same sound again.

    `words` asks something of single words: each names one by `word` or `index`, and has some of
    `rate`, `pitch` (semitones), `emphasis` (-1 to 1) and `pause` (seconds after it). With `markup`,
    `tags` or `ssml`, it is written into the text instead: `Well, [pause:0.5s] no.`
    """
    body = _given(text=text, speaker_id=speaker_id, voice=voice, response_format=response_format)
    body |= _given(speed=speed, emotion=emotion, turn_id=turn_id or str(uuid4()))
    body |= _given(words=list(words) or None, markup=markup)
    return _post(f"{root}/speak", _SOUND, json=body)


def _listen(
    root: str,
    text: str,
    speaker_id: str,
    *,
    audio: "bytes | str | os.PathLike[str] | BinaryIO | None" = None,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    turn_id: str | None = None,
) -> Call[Heard, Heard]:
    """Tell of a turn that somebody else spoke, with its sound in `audio`, if it is at hand.

    That is a path, the bytes or an open file, in any common format. The same `turn_id` with the
    same words and the same sound again is the same turn.
    """
    said = _given(speaker_id=speaker_id, text=text, started_at=started_at, ended_at=ended_at)
    said |= _given(turn_id=turn_id)
    if audio is None:
        return _post(f"{root}/listen", _as(Heard), json=said)
    files = {"audio": ("audio", _bytes_of(audio))}
    return _post(f"{root}/listen", _as(Heard), data=said, files=files)


def _bytes_of(audio: "bytes | str | os.PathLike[str] | BinaryIO") -> bytes:
    # All of it, for a request that fails may be sent again.
    if isinstance(audio, bytes):
        return audio
    return Path(audio).read_bytes() if isinstance(audio, str | os.PathLike) else audio.read()


def _listen_to_many(
    root: str, turns: Iterable[Mapping[str, Any]]
) -> Call[list[Brought], list[Brought]]:
    """Tell of up to 1,000 turns that others spoke, each with a `turn_id`; repeated, nothing new."""
    return _post(f"{root}/listen/batch", _as(list[Brought], "data"), json={"turns": list(turns)})


def _state(
    root: str, version: int | None = None, at: datetime | str | None = None
) -> Call[State, State]:
    """The state now, or as it was after `version` events, or at a moment."""
    return _get(root, _as(State), version=version, at=at)


def _context(
    root: str,
    speaker_id: str | None = None,
    *,
    version: int | None = None,
    at: datetime | str | None = None,
) -> Call[Context, Context]:
    """What bears on the next line, of a speaker if one is named; now, or as it was."""
    params = {"speaker_id": speaker_id, "version": version, "at": at}
    return _get(f"{root}/context", _as(Context), **params)


def _turns(
    root: str, after: int | None = None, limit: int | None = None
) -> Call[list[Turn], list[Turn]]:
    """The turns with a number above `after`, oldest first; 1,000 of them by default."""
    return _get(f"{root}/turns", _as(list[Turn], "turns", "data"), after=after, limit=limit)


def _turn(root: str, turn_id: str) -> Call[Turn, Turn]:
    """One turn, with its context."""
    return _get(f"{root}/turns/{_segment(turn_id)}", _as(Turn))


def _turn_audio(root: str, turn_id: str, response_format: str = "wav") -> Call[Speech, AsyncSpeech]:
    """The recorded sound of a turn; nothing is synthesised."""
    return _get(f"{root}/turns/{_segment(turn_id)}/audio", _SOUND, format=response_format)


def _interrupt(
    root: str, turn_id: str, audio_played_ms: int, by: str | None = None
) -> Call[Interrupted, Interrupted]:
    """Say that the listener stopped listening after so many milliseconds of sound."""
    body = _given(audio_played_ms=audio_played_ms, by=by)
    return _post(f"{root}/turns/{_segment(turn_id)}/interrupt", _as(Interrupted), json=body)


def _events(root: str, after: int = 0, limit: int | None = None) -> Call[list[Event], list[Event]]:
    """The events after a version (of all conversations: after a position), oldest first."""
    return _get(f"{root}/events", _as(list[Event], "events", "data"), after=after, limit=limit)


def _feed(root: str, seen: str | None) -> "Call[httpx.Response, httpx.Response]":
    """The events above a number, and then each as it is recorded."""
    headers = {"Accept": "text/event-stream"}
    headers |= {} if seen is None else {"Last-Event-ID": seen}
    return Call("GET", f"{root}/events", _STREAM, {"headers": headers})


def _fork(root: str, version: int | None = None) -> "Call[Conversation, AsyncConversation]":
    """Begin another conversation that shares the past up to a version, or up to now."""
    call = _post(f"{root}/fork", _conversation(), json=_given(version=version))
    return replace(call, repeatable=False)


def _rerender(
    root: str,
    voice: Mapping[str, str] | None = None,
    engine: str | None = None,
    turns: Iterable[int | str] | None = None,
) -> Call[Speech, AsyncSpeech]:
    """The same dialogue spoken otherwise, as one sound; the record is untouched."""
    body = _given(voice=voice, engine=engine, turns=None if turns is None else list(turns))
    return _post(f"{root}/rerender", _SOUND, json=body)


def _pronounce(
    root: str, pronunciations: Mapping[str, Mapping[str, str]]
) -> Call[Dictionary, Dictionary]:
    """Have words said so in all later turns, and no others: `{"SQL": {"say_as": "sequel"}}`.

    A word is said by its `phonemes` or as other words, `say_as`.
    """
    send = {"json": {"pronunciations": pronunciations}}
    return Call("PUT", f"{root}/pronunciations", _as(Dictionary), send)


def _end(root: str) -> Call[None, None]:
    """Take no further turns."""
    return _post(f"{root}/end", _NOTHING)


def _erase(root: str) -> Call[None, None]:
    """Erase words and sound for good."""
    return Call("DELETE", root, _NOTHING, {})


# How it is sent, and what is done when it fails.


def _refused(response: httpx.Response) -> ColloquyError:
    """The error in an answer whose body has been read, even where a proxy wrote the answer."""
    try:
        error = dict(response.json()["error"])
    except (ValueError, TypeError, KeyError):
        error = {}
    message = error.get("message") or f"{response.status_code} {response.reason_phrase}".strip()
    request_id, after = map(response.headers.get, ("X-Request-ID", "Retry-After"))
    said = (error.get("type"), error.get("param"), error.get("code"), request_id)
    return ColloquyError(response.status_code, message, *said, retry_after=_whole(after))


def _unanswered(base_url: httpx.URL, lost: httpx.TransportError) -> ColloquyError:
    error = ColloquyError(None, f"No answer from {base_url}; is the server running there? ({lost})")
    error.__cause__ = lost
    return error


def _may_pass(call: Call[Any, Any], error: ColloquyError) -> bool:
    """Whether asking again may help, and cannot do a thing twice."""
    never_sent = isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout)
    lost = isinstance(error.__cause__, httpx.NetworkError | httpx.RemoteProtocolError)
    return error.status in (429, 503) or never_sent or (lost and call.repeatable)


@dataclass(frozen=True)
class Patience:
    """How often to ask again, and how long to wait before."""

    retries: int = 2
    jitter: Callable[[], float] = random.random
    """A number from 0 to 1, so that clients refused together do not come back together."""

    def pause_s(self, call: Call[Any, Any], error: ColloquyError, attempt: int) -> float:
        """Seconds to wait after attempt 0, 1, … failed; raises the error where that is in vain."""
        asked_s = error.retry_after or 0.0
        if attempt >= self.retries or asked_s > _LONGEST_WAIT_S or not _may_pass(call, error):
            raise error
        backoff_s: float = _FIRST_WAIT_S * 2.0**attempt
        return asked_s + backoff_s * (1 + self.jitter())


_PATIENCE = Patience()


def _options(base_url: str, api_key: str | None, timeout: float) -> dict[str, Any]:
    api_key = api_key or os.environ.get(_API_KEY)
    return {
        # Whoever writes the address as OpenAI's SDK wants it means the same server.
        "base_url": base_url.rstrip("/").removesuffix("/v1"),
        "headers": {"Authorization": f"Bearer {api_key}"} if api_key else {},
        "timeout": httpx.Timeout(timeout, connect=min(timeout, 5.0)),
    }


@dataclass(frozen=True)
class _Line:
    http: httpx.Client
    patience: Patience
    sleep: Callable[[float], object]

    def ask(self, call: Call[T, A], attempt: int = 0) -> T:
        outcome = self._once(call)
        if isinstance(outcome, httpx.Response):
            return call.reader.now(self, outcome)
        self.sleep(self.patience.pause_s(call, outcome, attempt))
        return self.ask(call, attempt + 1)

    def _once(self, call: Call[T, A]) -> httpx.Response | ColloquyError:
        try:
            request = self.http.build_request(call.method, call.path, **call.send)
            response = self.http.send(request, stream=True)
            accepted = response.status_code in call.accepted
            if not (accepted and call.reader.streams):
                response.read()
        except httpx.TransportError as lost:
            return _unanswered(self.http.base_url, lost)
        return response if accepted else _refused(response)


@dataclass(frozen=True)
class _AsyncLine:
    http: httpx.AsyncClient
    patience: Patience
    sleep: Callable[[float], Awaitable[object]]

    async def ask(self, call: Call[T, A], attempt: int = 0) -> A:
        outcome = await self._once(call)
        if isinstance(outcome, httpx.Response):
            return call.reader.soon(self, outcome)
        await self.sleep(self.patience.pause_s(call, outcome, attempt))
        return await self.ask(call, attempt + 1)

    async def _once(self, call: Call[T, A]) -> httpx.Response | ColloquyError:
        try:
            request = self.http.build_request(call.method, call.path, **call.send)
            response = await self.http.send(request, stream=True)
            accepted = response.status_code in call.accepted
            if not (accepted and call.reader.streams):
                await response.aread()
        except httpx.TransportError as lost:
            return _unanswered(self.http.base_url, lost)
        return response if accepted else _refused(response)


# How what is recorded is followed.


class _Place:
    """Where somebody is who follows events, over as many connections as it takes."""

    def __init__(self, root: str, seen: int | None, away_s: float) -> None:
        self._root, self._away_s = root, away_s
        self._seen = None if seen is None else str(seen)
        self._id, self._data = self._seen, ""
        self._connected = False
        self._waited_s, self._pause_s = 0.0, _FIRST_WAIT_S
        self.over = False

    def call(self) -> "Call[httpx.Response, httpx.Response]":
        """What to ask for; what was not told whole comes again."""
        self._id, self._data = self._seen, ""
        return _feed(self._root, self._seen)

    def connected(self, response: httpx.Response) -> None:
        self._connected = True
        self.over = response.status_code == httpx.codes.NO_CONTENT
        kind = response.headers.get("Content-Type", "")
        if not self.over and not kind.startswith("text/event-stream"):
            message = "The server gives no stream of events; is it of an earlier release?"
            raise ColloquyError(response.status_code, message)

    def take(self, line: str) -> Event | None:
        """The event that a line completes; it counts as seen from then on."""
        self._waited_s, self._pause_s = 0.0, _FIRST_WAIT_S
        field, _, value = line.partition(":")
        match field:
            case "id":
                self._id = value.strip()
            case "data":
                self._data = value
            case "":  # an empty line, or a heartbeat
                data, self._data, self._seen = self._data, "", self._id
                return Event.model_validate_json(data) if data else None
        return None

    def pause_s(self, error: ColloquyError | None) -> float:
        """Seconds until the next attempt; raises the error where that is in vain."""
        pause_s = max(self._pause_s, (error and error.retry_after) or 0.0)
        self._waited_s += pause_s
        if error is not None:
            may_pass = self._connected and error.status in (None, 429, 503)
            if not may_pass or self._waited_s > self._away_s:
                raise error
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        return pause_s


def _followed(line: _Line, place: _Place) -> Iterator[Event]:
    while not place.over:
        lost: ColloquyError | None = None
        try:
            response = line.ask(place.call())
            with closing(response):
                place.connected(response)
                for text in response.iter_lines():
                    if (event := place.take(text)) is not None:
                        yield event
        except httpx.TransportError as broken:
            lost = _unanswered(line.http.base_url, broken)
        except ColloquyError as refused:
            lost = refused
        if not place.over:
            line.sleep(place.pause_s(lost))


async def _followed_soon(line: _AsyncLine, place: _Place) -> AsyncIterator[Event]:
    while not place.over:
        lost: ColloquyError | None = None
        try:
            response = await line.ask(place.call())
            async with aclosing(response):
                place.connected(response)
                async for text in response.aiter_lines():
                    if (event := place.take(text)) is not None:
                        yield event
        except httpx.TransportError as broken:
            lost = _unanswered(line.http.base_url, broken)
        except ColloquyError as refused:
            lost = refused
        if not place.over:
            await line.sleep(place.pause_s(lost))


# What callers hold: the calls from above as methods, with the same parameters.


class _Asks:
    _root: str
    _line: _Line


class _AsksSoon:
    _root: str
    _line: _AsyncLine


def _now(build: Callable[Concatenate[str, P], Call[T, A]]) -> Callable[Concatenate[_Asks, P], T]:
    def method(self: _Asks, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._line.ask(build(self._root, *args, **kwargs))

    return wraps(build)(method)


def _soon(
    build: Callable[Concatenate[str, P], Call[T, A]],
) -> Callable[Concatenate[_AsksSoon, P], Coroutine[Any, Any, A]]:
    async def method(self: _AsksSoon, /, *args: P.args, **kwargs: P.kwargs) -> A:
        return await self._line.ask(build(self._root, *args, **kwargs))

    return wraps(build)(method)


def _stream(http: httpx.Client | httpx.AsyncClient, root: str) -> tuple[str, dict[str, str]]:
    """Where the live connection of a conversation is, and what to show there."""
    base = str(http.base_url).rstrip("/")
    key = http.headers.get("Authorization")
    return f"ws{base.removeprefix('http')}{root}/stream", {"Authorization": key} if key else {}


class _Known:
    """What a conversation's object knows without asking."""

    def __init__(self, started: Started) -> None:
        self.id = started.conversation_id
        self.participants = started.participants
        """As they were when it began; empty for a conversation that was merely named."""
        self._root = f"/v1/conversation/{_segment(self.id)}"


class Conversation(_Known, _Asks):
    def __init__(self, line: _Line, started: Started) -> None:
        super().__init__(started)
        self._line = line

    speak = _now(_speak)
    listen = _now(_listen)
    listen_to_many = _now(_listen_to_many)
    state = _now(_state)
    context = _now(_context)
    turns = _now(_turns)
    turn = _now(_turn)
    turn_audio = _now(_turn_audio)
    interrupt = _now(_interrupt)
    events = _now(_events)
    fork = _now(_fork)
    rerender = _now(_rerender)
    pronounce = _now(_pronounce)
    end = _now(_end)
    erase = _now(_erase)

    def all_events(self, after: int = 0, page: int = 200) -> Iterator[Event]:
        """Every event after a version, asked for page by page."""
        while events := self.events(after, page):
            yield from events
            after = events[-1].version

    def live(self, *, away_s: float = _AWAY_S) -> "Live":
        """A connection on which turns are spoken while their words are still coming."""
        from gateway.live_client import AsyncLive, Live

        return Live(AsyncLive(*_stream(self._line.http, self._root), away_s))

    def follow_events(self, after: int = 0, *, away_s: float = _AWAY_S) -> Iterator[Event]:
        """Every event after a version, then each as it is recorded, until the conversation ends.

        A lost connection is made again, and nothing is missed or given twice. A server that is away
        for longer than `away_s` seconds ends it with an error.
        """
        return _followed(self._line, _Place(self._root, after, away_s))


class AsyncConversation(_Known, _AsksSoon):
    def __init__(self, line: _AsyncLine, started: Started) -> None:
        super().__init__(started)
        self._line = line

    speak = _soon(_speak)
    listen = _soon(_listen)
    listen_to_many = _soon(_listen_to_many)
    state = _soon(_state)
    context = _soon(_context)
    turns = _soon(_turns)
    turn = _soon(_turn)
    turn_audio = _soon(_turn_audio)
    interrupt = _soon(_interrupt)
    events = _soon(_events)
    fork = _soon(_fork)
    rerender = _soon(_rerender)
    pronounce = _soon(_pronounce)
    end = _soon(_end)
    erase = _soon(_erase)

    async def all_events(self, after: int = 0, page: int = 200) -> AsyncIterator[Event]:
        """Every event after a version, asked for page by page."""
        while events := await self.events(after, page):
            for event in events:
                yield event
            after = events[-1].version

    def live(self, *, away_s: float = _AWAY_S) -> "AsyncLive":
        """A connection on which turns are spoken while their words are still coming."""
        from gateway.live_client import AsyncLive

        return AsyncLive(*_stream(self._line.http, self._root), away_s)

    def follow_events(self, after: int = 0, *, away_s: float = _AWAY_S) -> AsyncIterator[Event]:
        """Every event after a version, then each as it is recorded, until the conversation ends.

        A lost connection is made again, and nothing is missed or given twice. A server that is away
        for longer than `away_s` seconds ends it with an error.
        """
        return _followed_soon(self._line, _Place(self._root, after, away_s))


class Colloquy(_Asks):
    """A server, for programs that wait for each answer."""

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8354",
        api_key: str | None = None,
        *,
        timeout: float = 60.0,
        patience: Patience = _PATIENCE,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Connect when first asked; `timeout` is in seconds without a byte.

        Without an `api_key`, that of the environment is shown, `COLLOQUY_API_KEY`, if there is one.
        """
        http = httpx.Client(**_options(base_url, api_key, timeout), transport=transport)
        self._root, self._line = "/v1", _Line(http, patience, sleep)

    start = _now(_start)
    conversations = _now(_conversations)
    events = _now(_events)
    speech = _now(_speech)
    voices = _now(_voices)
    models = _now(_models)
    health = _now(_health)
    verify = _now(_verify)
    ready = _now(_ready)

    def follow_events(
        self, after: int | None = None, *, away_s: float = _AWAY_S
    ) -> Iterator[Event]:
        """Each event of all conversations as it is recorded, from now or from above a position.

        As `Conversation.follow_events`; it has no end.
        """
        return _followed(self._line, _Place(self._root, after, away_s))

    def conversation(self, conversation_id: str) -> Conversation:
        """A conversation that began before; the server is not asked."""
        return Conversation(self._line, Started(conversation_id=conversation_id))

    def close(self) -> None:
        self._line.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncColloquy(_AsksSoon):
    """A server, for programs on an event loop."""

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8354",
        api_key: str | None = None,
        *,
        timeout: float = 60.0,
        patience: Patience = _PATIENCE,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Connect when first asked; `timeout` is in seconds without a byte.

        Without an `api_key`, that of the environment is shown, `COLLOQUY_API_KEY`, if there is one.
        """
        http = httpx.AsyncClient(**_options(base_url, api_key, timeout), transport=transport)
        self._root, self._line = "/v1", _AsyncLine(http, patience, sleep)

    start = _soon(_start)
    conversations = _soon(_conversations)
    events = _soon(_events)
    speech = _soon(_speech)
    voices = _soon(_voices)
    models = _soon(_models)
    health = _soon(_health)
    verify = _soon(_verify)
    ready = _soon(_ready)

    def follow_events(
        self, after: int | None = None, *, away_s: float = _AWAY_S
    ) -> AsyncIterator[Event]:
        """Each event of all conversations as it is recorded, from now or from above a position.

        As `AsyncConversation.follow_events`; it has no end.
        """
        return _followed_soon(self._line, _Place(self._root, after, away_s))

    def conversation(self, conversation_id: str) -> AsyncConversation:
        """A conversation that began before; the server is not asked."""
        return AsyncConversation(self._line, Started(conversation_id=conversation_id))

    async def close(self) -> None:
        await self._line.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
