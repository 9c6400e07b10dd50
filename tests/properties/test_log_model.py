"""Whatever is asked of a log, in whatever order, it answers as a plain list would."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from events.envelope import Append, NewEvent, Recorded
from events.log import EventLog, StaleEpoch, VersionConflict
from events.memory import MemoryLog
from tests.contracts.logs import clock, duckdb_log, ids, image, memory_log

T = TypeVar("T")
CONVERSATIONS = st.sampled_from("ab")
COMMANDS = st.sampled_from(["c0", "c1", "c2", "c3"])
DATA = st.lists(st.sampled_from(["{}", '{"n":1}']), min_size=1, max_size=3).map(tuple)
# Which of the epochs given out for a conversation, counted from the newest, a writer believes in.
BELIEFS = st.sampled_from([0, 0, 0, 1, 2])
WRONG_BY = st.sampled_from([0, 0, 0, 1, -1])


class Model:
    """The promises of `EventLog`, as short as they can be said."""

    def __init__(self) -> None:
        self.log: list[tuple[str, int, str, str]] = []
        self.epochs: dict[str, list[int]] = {"a": [], "b": []}
        self.held: dict[str, int] = {}
        self.latest: dict[str, int] = {}

    def of(self, conversation: str) -> list[tuple[str, int, str, str]]:
        return [event for event in self.log if event[0] == conversation]

    def open(self, conversation: str, epoch: int) -> None:
        assert epoch > max((e for given in self.epochs.values() for e in given), default=0)
        self.epochs[conversation].append(epoch)
        self.held[conversation] = epoch
        if self.of(conversation):
            self.latest[conversation] = epoch

    def restart(self) -> None:
        self.held.clear()
        self.latest = {conversation: epoch for conversation, epoch, _, _ in self.log}

    def append(self, append: Append) -> object:
        """What the log has to answer: the recorded, or the kind and facts of a refusal."""
        name, held = append.conversation_id, self.held.get(append.conversation_id)
        known = [event for event in self.of(name) if event[2] == append.command_id]
        if held is not None and known:
            return known
        if append.epoch != held:
            return "stale", held is not None or self.latest.get(name, 0) > append.epoch
        if append.expected_version != len(self.of(name)):
            return "conflict", len(self.of(name))
        new = [(name, append.epoch, append.command_id, event.data) for event in append.events]
        self.log.extend(new)
        self.latest[name] = append.epoch
        return new


def plain(events: tuple[Recorded, ...] | list[Recorded]) -> list[tuple[str, int, str, str]]:
    return [(e.conversation_id, e.epoch, e.command_id, e.data) for e in events]


class LogMachine(RuleBasedStateMachine):
    durable: ClassVar[bool]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory(prefix="log-model-")
        self.path = Path(self.folder.name) / "log.duckdb"
        self.model = Model()
        self.restarts = 0
        self.log: EventLog = self.do(duckdb_log(self.path)) if self.durable else memory_log()

    def do(self, work: Awaitable[T]) -> T:
        async def doing() -> T:
            return await work

        return self.runner.run(doing())

    @rule(name=CONVERSATIONS)
    def open(self, name: str) -> None:
        opened = self.do(self.log.open(name))
        assert plain(list(opened.events)) == self.model.of(name)
        self.model.open(name, opened.epoch)

    @rule(name=CONVERSATIONS, belief=BELIEFS)
    def release(self, name: str, belief: int) -> None:
        epoch = self.believed(name, belief)
        self.do(self.log.release(name, epoch))
        if self.model.held.get(name) == epoch:
            del self.model.held[name]

    @rule(name=CONVERSATIONS, belief=BELIEFS, wrong_by=WRONG_BY, command=COMMANDS, data=DATA)
    def append(
        self, name: str, belief: int, wrong_by: int, command: str, data: tuple[str, ...]
    ) -> None:
        self.do(self.appending(name, belief, wrong_by, command, data))

    @rule(commands=st.lists(st.tuples(CONVERSATIONS, COMMANDS, DATA), min_size=2, max_size=5))
    def append_at_once(self, commands: list[tuple[str, str, tuple[str, ...]]]) -> None:
        """Several under way together; each is admitted in the order in which it was asked."""

        async def together() -> None:
            await asyncio.gather(*(self.appending(name, 0, 0, c, d) for name, c, d in commands))

        self.do(together())

    @rule()
    def crash(self) -> None:
        """Die without a word; the next log has only what is on the disk."""
        self.restarts += 1
        if isinstance(self.log, MemoryLog):
            events, opening = self.log.events, self.log.opening + 1
            self.log = MemoryLog(clock=clock(), new_id=ids(), events=events, opening=opening)
        else:
            left = image(self.path, Path(self.folder.name) / f"killed-{self.restarts}")
            self.do(self.log.close())
            self.path, self.log = left, self.do(duckdb_log(left))
        self.model.restart()

    @invariant()
    def the_log_is_the_list(self) -> None:
        events = self.do(self.log.read_all())
        assert plain(list(events)) == self.model.log
        assert [e.position for e in events] == list(range(1, len(self.model.log) + 1))

    def teardown(self) -> None:
        outcome = self.do(self.log.verify())
        self.do(self.log.close())
        self.runner.close()
        self.folder.cleanup()
        assert (outcome.content, outcome.events) == (True, len(self.model.log))

    def believed(self, name: str, belief: int) -> int:
        given = self.model.epochs[name]
        return given[-1 - belief] if belief < len(given) else 1

    async def appending(
        self, name: str, belief: int, wrong_by: int, command: str, data: tuple[str, ...]
    ) -> None:
        version = max(0, len(self.model.of(name)) + wrong_by)
        events = tuple(NewEvent("turn_heard", 1, one) for one in data)
        append = Append(name, version, self.believed(name, belief), command, events)
        expected = self.model.append(append)
        answer: object
        try:
            answer = plain(await self.log.append(append))
        except StaleEpoch as stale:
            answer = "stale", stale.taken
        except VersionConflict as conflict:
            answer = "conflict", conflict.actual
        assert answer == expected


class InMemory(LogMachine):
    durable = False


class InDuckDB(LogMachine):
    durable = True


_QUICK = settings(stateful_step_count=25, suppress_health_check=[HealthCheck.too_slow])
TestInMemory = InMemory.TestCase
TestInMemory.settings = settings(_QUICK, max_examples=60)
TestInDuckDB = InDuckDB.TestCase
TestInDuckDB.settings = settings(_QUICK, max_examples=8)
