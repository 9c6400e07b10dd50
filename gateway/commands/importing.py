"""`colloquy import`: dialogues from elsewhere, as conversations like any other."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from analytics.imports import FORMATS, Broken, SourceFormat, Unreadable, Utterance, read
from gateway.child import leaving_on_sigterm, running_server
from gateway.client import AsyncColloquy, AsyncConversation, ColloquyError
from gateway.commands.own import own
from gateway.commands.records import address, client_of
from gateway.commands.refusals import Refused
from gateway.settings import Settings

TURNS_OF_A_BATCH = 500
BATCHES_AT_HAND = 24
"""Read from the source, and not answered yet."""
CONVERSATIONS_AT_ONCE = 4
"""More would keep the server's processors no busier, and its processes from those who talk."""
MOST_PEOPLE = 64
MOST_COMPLAINTS = 20
SUFFIXES: Mapping[str, SourceFormat] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".vtt": "vtt", ".srt": "srt",
}  # fmt: skip
FIELDS = ("conversation_id", "id", "speaker", "text", "start", "end")

Source = Callable[[], Iterator[Utterance | Broken]]
"""What gives the lines of a source, from the first, each time it is called."""


@dataclass(slots=True)
class _Cast:
    """Who speaks in a conversation, and how many turns it has."""

    people: dict[str, None] = field(default_factory=dict)
    turns: int = 0


@dataclass(slots=True)
class Outcome:
    """What became of a source."""

    turns: int = 0
    conversations: int = 0
    seconds: float = 0.0
    broken: list[Broken] = field(default_factory=list)
    """Lines that were left out, in their order."""


def format_of(path: Path, given: str | None) -> SourceFormat:
    """The format that was named, or the one that the file's name speaks of. Raises `Refused`."""
    if given is not None:
        known = [form for form in FORMATS if form == given]
        if not known:
            raise Refused(f"There is no format {given!r}; there is {', '.join(FORMATS)}.")
        return known[0]
    if path.is_dir():
        return "convokit"
    suffix = Path(path.name.removesuffix(".gz")).suffix.lower()
    if suffix not in SUFFIXES:
        raise Refused(f"What is in {path.name}? Say it with --format {'|'.join(FORMATS)}.")
    return SUFFIXES[suffix]


def columns_of(given: Iterable[str]) -> dict[str, str]:
    """Columns by field, from `field=column`. Raises `Refused`."""
    pairs = dict(pair.partition("=")[::2] for pair in given)
    for name, column in pairs.items():
        if name not in FIELDS or not column:
            fields = ", ".join(FIELDS)
            raise Refused(f"--map wants FIELD=COLUMN, where FIELD is one of {fields}.")
    return pairs


def source_of(path: Path, form: SourceFormat, columns: Mapping[str, str]) -> Source:
    return lambda: read(path, form, columns)


@contextmanager
def server_at(settings: Settings, server: str | None) -> Iterator[tuple[str, str | None]]:
    """Where to bring it: the server named, the one these settings speak of, or one of our own.

    With the token for one of our own, if it wants one.

    Raises:
        ColloquyError: the named server does not answer.
        ServerFailed: none could be started.
    """
    url = server or address(settings)
    with client_of(url) as client:
        try:
            client.ready()
        except ColloquyError:
            if server is not None:
                raise
            url = ""
    if url:
        yield url, None
        return
    with (
        own(settings) as (environment, token),
        leaving_on_sigterm(),
        running_server(environment) as own_url,
    ):
        yield own_url, token


async def bring_to(
    url: str, token: str | None, source: Source, began: datetime, out: Console
) -> Outcome:
    """`bring_in`, at an address."""
    async with AsyncColloquy(url, token) as client:
        return await bring_in(client, source, began, out)


async def bring_in(client: AsyncColloquy, source: Source, began: datetime, out: Console) -> Outcome:
    """Have the server record all turns of a source; those that it has already stay as they are.

    The source is read twice: who takes part in a conversation is said when it is opened.

    Raises:
        Refused: the source cannot be read.
        ColloquyError: the server cannot be reached; begin again, and it goes on from there.
    """
    outcome, begun = Outcome(), monotonic()
    try:
        casts = _casts(source(), outcome)
        with _bar(out) as bar:
            task = bar.add_task("turns", total=sum(cast.turns for cast in casts.values()))
            bringing = _Bringing(client, casts, began, outcome, lambda n: bar.advance(task, n))
            await bringing.all(source())
    except Unreadable as failure:
        raise Refused(f"{failure}") from failure
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None
    outcome.seconds = monotonic() - begun
    outcome.broken.sort(key=lambda broken: broken.line)
    return outcome


def _casts(lines: Iterable[Utterance | Broken], outcome: Outcome) -> dict[str, _Cast]:
    casts: dict[str, _Cast] = defaultdict(_Cast)
    for line in lines:
        if isinstance(line, Broken):
            outcome.broken.append(line)
        else:
            cast = casts[line.conversation_id]
            cast.people[line.speaker] = None
            cast.turns += 1
    return casts


class _Bringing:
    """Batches on their way: those of a conversation one by one, some conversations side by side."""

    def __init__(
        self,
        client: AsyncColloquy,
        casts: Mapping[str, _Cast],
        began: datetime,
        outcome: Outcome,
        advance: Callable[[int], None],
    ) -> None:
        self._client = client
        self._casts = casts
        self._began = began
        self._outcome = outcome
        self._advance = advance
        self._room = asyncio.Semaphore(BATCHES_AT_HAND)
        self._turn = asyncio.Semaphore(CONVERSATIONS_AT_ONCE)
        self._waiting: dict[str, deque[list[Utterance]]] = {}
        self._open: dict[str, AsyncConversation | str] = {}
        """Conversations, or why they cannot be had."""

    async def all(self, lines: Iterable[Utterance | Broken]) -> None:
        async with asyncio.TaskGroup() as group:
            for batch in _batches(lines, self._casts):
                await self._room.acquire()
                name = batch[0].conversation_id
                if name not in self._waiting:
                    self._waiting[name] = deque()
                    group.create_task(self._bring(name))
                self._waiting[name].append(batch)

    async def _bring(self, name: str) -> None:
        """What waits of a conversation, and what comes meanwhile: it is not woken for each."""
        async with self._turn:
            batches = self._waiting[name]
            while batches:
                batch = batches.popleft()
                await self._send(batch)
                self._room.release()
                self._advance(len(batch))
            del self._waiting[name]

    async def _send(self, batch: list[Utterance]) -> None:
        conversation = await self._conversation(batch[0].conversation_id)
        if isinstance(conversation, str):
            self._outcome.broken += [Broken(each.line, conversation) for each in batch]
            return
        told = await conversation.listen_to_many(self._body(each) for each in batch)
        for each, brought in zip(batch, told, strict=True):
            if brought.error is None:
                self._outcome.turns += 1
            else:
                self._outcome.broken.append(Broken(each.line, brought.error.message))

    async def _conversation(self, name: str) -> AsyncConversation | str:
        if name not in self._open:
            self._open[name] = await self._start(name)
        return self._open[name]

    async def _start(self, name: str) -> AsyncConversation | str:
        people = self._casts[name].people
        if len(people) > MOST_PEOPLE:
            return f"{len(people)} people speak in {name}; at most {MOST_PEOPLE} can"
        try:
            opened = await self._client.start(
                [{"id": person, "role": "human"} for person in people],
                conversation_id=name,
                metadata={"imported": True},
            )
        except ColloquyError as refusal:
            if refusal.status not in (409, 422):
                raise
            return refusal.message
        self._outcome.conversations += 1
        return opened

    def _body(self, said: Utterance) -> dict[str, Any]:
        body: dict[str, Any] = {
            "turn_id": said.turn_id, "speaker_id": said.speaker, "text": said.text,
        }  # fmt: skip
        for name, at in (("started_at", said.start), ("ended_at", said.end)):
            if at is not None:
                moment = at if isinstance(at, datetime) else self._began + timedelta(seconds=at)
                body[name] = moment.isoformat()
        return body


def _batches(
    lines: Iterable[Utterance | Broken], casts: Mapping[str, _Cast]
) -> Iterator[list[Utterance]]:
    """The turns by conversation, each batch as soon as it is full or the last of its own."""
    waiting: dict[str, list[Utterance]] = {}
    left = {name: cast.turns for name, cast in casts.items()}
    for line in lines:
        if isinstance(line, Broken):
            continue
        name = line.conversation_id
        batch = waiting.setdefault(name, [])
        batch.append(line)
        left[name] -= 1
        if len(batch) == TURNS_OF_A_BATCH or not left[name]:
            yield waiting.pop(name)
    yield from waiting.values()


def report(outcome: Outcome, out: Console) -> None:
    """Say how it went: the broken lines by their numbers, not by their words."""
    rate = outcome.turns / outcome.seconds if outcome.seconds else 0
    out.print(
        f"{outcome.turns:,} turns of {outcome.conversations:,} conversations are there "
        f"({outcome.seconds:.1f} s, {rate:,.0f} turns a second)."
    )
    for broken in outcome.broken[:MOST_COMPLAINTS]:
        out.print(f"line {broken.line}: {broken.why}", markup=False)
    if len(outcome.broken) > MOST_COMPLAINTS:
        out.print(f"… and {len(outcome.broken) - MOST_COMPLAINTS:,} more")
    if outcome.broken:
        out.print(f"{len(outcome.broken):,} lines were left out; mend them and import again.")


def _bar(out: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=out, transient=True,
                    disable=not out.is_terminal)  # fmt: skip
