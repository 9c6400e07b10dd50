"""Questions in SQL from people who need not be trusted.

Each is answered by a child process that is bounded in time and memory and killed at its deadline,
over the exported segments of the log: never by whoever calls, and never near the log itself.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from analytics.sandbox_pool import Died, Message, NoProcess, Overdue, Pool, TooManyWait
from analytics.scope import EVERYTHING, Scope

Format: TypeAlias = Literal["json", "csv", "arrow", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]

COMMAND = (sys.executable, "-m", "analytics.sandbox_process")
GRACE_S = 0.5
"""Between the engine's own limit, which does not end a single long function call, and the kill."""


class NotAnswered(Exception):
    """A question that was not answered; the message says why, and what would help."""


class WrongSql(NotAnswered):
    """DuckDB does not understand the statement; its own words, with the place."""


class NotAllowed(NotAnswered):
    """The statement is not one that may be asked."""


class LimitExceeded(NotAnswered):
    """The answer took more time or memory than there is for one."""


class TooManyQuestions(NotAnswered):
    """Others are being answered; ask again in a moment."""


class Unanswerable(NotAnswered):
    """Nothing can be answered for the moment: no process comes up, or the segments are damaged."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one question."""

    seconds: float = 10.0
    memory_mb: int = 512
    rows: int = 10_000
    megabytes: float = 16.0
    """Of the answer's columns; as text they may be a few times as long."""
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Question:
    sql: str
    params: Parameters = ()
    """Values of `?`, or of `$name`."""
    format: Format = "json"
    scope: Scope = EVERYTHING
    """What the asker may see."""


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes = field(repr=False)
    position: int
    """The last position of the log that the answer knows."""
    rows: int
    truncated: bool
    """Whether there were more rows than the limits let pass."""


class Sandbox:
    """Answers questions, a few at a time; belongs to one event loop.

    Args:
        data_dir: Where the log and its segments are kept.
        limits: Of each question.
        processes: How many questions are answered at the same time.
        most_waiting: How many more may wait for their turn.
    """

    def __init__(
        self,
        data_dir: Path,
        limits: Limits | None = None,
        *,
        processes: int = 2,
        most_waiting: int = 16,
    ) -> None:
        self._data_dir = data_dir
        self.limits = limits or Limits()
        self._pool = Pool(
            COMMAND,
            {"memory_mb": self.limits.memory_mb},
            processes=processes,
            most_waiting=most_waiting,
        )

    async def ask(self, question: Question) -> Answer:
        """The answer to a question.

        Raises:
            WrongSql, NotAllowed, LimitExceeded: of the question.
            TooManyQuestions: ask again in a moment.
            Unanswerable: no process could be started.
        """
        limits = self.limits
        try:
            told, body = await self._pool.ask(self._message(question), limits.seconds + GRACE_S)
        except TooManyWait:
            raise TooManyQuestions("too many questions wait already; ask again") from None
        except NoProcess as failure:
            raise Unanswerable("no process for questions could be started") from failure
        except Overdue:
            raise _too_long(limits) from None
        except Died:  # by the kernel's bounds, or a bug of the engine's
            raise _too_large(limits) from None
        return _read(told, body, limits)

    async def prepare(self) -> None:
        """Have a process ready for the first question."""
        await self._pool.prepare()

    async def close(self) -> None:
        await self._pool.close()

    def _message(self, question: Question) -> Message:
        limits, params = self.limits, question.params
        return {
            "sql": question.sql,
            "params": dict(params) if isinstance(params, Mapping) else list(params),
            "format": question.format,
            "scope": question.scope.message(),
            "data_dir": str(self._data_dir),
            "rows": limits.rows,
            "bytes": int(limits.megabytes * 1_000_000),
            "memory_mb": limits.memory_mb,
            "threads": limits.threads,
            "seconds": limits.seconds,
        }


def _read(told: Message, body: bytes, limits: Limits) -> Answer:
    match told.get("error"):
        case None:
            return Answer(body, told["position"], told["rows"], told["truncated"])
        case "sql":
            raise WrongSql(told["message"])
        case "forbidden":
            raise NotAllowed(told["message"])
        case "unreadable":
            raise Unanswerable("the exported log cannot be read for the moment; ask again")
        case "time":
            raise _too_long(limits)
        case _:
            raise _too_large(limits)


def _too_long(limits: Limits) -> LimitExceeded:
    return LimitExceeded(f"no answer within {limits.seconds:g} s; ask for less at a time")


def _too_large(limits: Limits) -> LimitExceeded:
    return LimitExceeded(
        f"the answer needs more than {limits.memory_mb} MB of memory; ask for less at a time"
    )
