"""The process in which a stranger's SQL runs: `python -m analytics.sandbox_process`.

It answers one question after the other on its standard output, each in a transaction that only
reads, and is killed by whoever started it when an answer takes too long. What the engine promises
is not relied on: the kernel refuses this process to write a file and to grow beyond its bounds.
"""

import json
import os
import re
import resource
import signal
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from analytics.databases import connect, prepare
from analytics.library import library
from analytics.refusals import AnalyticsError
from analytics.sandbox_base import names
from analytics.sandbox_formats import encode
from analytics.sandbox_kept import Kept
from analytics.sandbox_statement import Forbidden, check
from analytics.sandbox_wire import pack, receive
from analytics.scope import Scope

MEGABYTE = 1 << 20
BEYOND_ENGINE_MB = 512
"""What the process may take beyond the engine's memory: the answer, as it is encoded."""
NICENESS = 10
"""Whoever asks the log gives way to whoever speaks."""
ROWS_OF_A_BATCH = 1024
KEPT_MB = 256
"""What a database may hold in memory to stay open for the next question."""
_KEPT = Kept(KEPT_MB * MEGABYTE)
_UNREADABLE = {duckdb.OutOfMemoryException: "memory", duckdb.InterruptException: "time"}
"""What a view that could not be computed for its readers comes to."""
_PATH = re.compile(r"(?<![\w/.])(?:/[\w.@+-]+){2,}/?")


def main() -> None:
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else prints must not be taken for an answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal; our parent decides when we end
    first = receive(questions)
    if first is not None:
        _parser()
        prepare()  # before the bound: each reserves some 80 MB of addresses, and uses few of them
        bound(first["memory_mb"])
        _send(answers, pack({"ready": True}))
        _serve(questions, answers)


def bound(memory_mb: int) -> None:
    """Have the kernel refuse this process files, children and more memory."""
    with suppress(OSError):
        os.nice(NICENESS)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    told = Path("/proc/self/status")
    if told.exists():  # elsewhere than on Linux, the engine's own limit has to do
        now_kb = int(re.findall(r"VmData:\s*(\d+)", told.read_text())[0])
        most = now_kb * 1024 + (memory_mb + BEYOND_ENGINE_MB) * MEGABYTE
        # Not RLIMIT_AS: allocators reserve addresses by the gigabyte and use few of them.
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _serve(questions: BinaryIO, answers: BinaryIO) -> None:
    while (question := receive(questions)) is not None:
        _send(answers, answer(question))
        prepare()  # whoever asks next need not wait for it


def _send(answers: BinaryIO, message: bytes) -> None:
    answers.write(message)
    answers.flush()


def answer(question: dict[str, Any]) -> bytes:
    """The message that answers a question: what was found, or why nothing was."""
    sql = question["sql"]
    try:
        return _found(question)
    except Forbidden as refusal:
        return pack({"error": "forbidden", "message": str(refusal)})
    except (duckdb.OutOfMemoryException, MemoryError):
        _KEPT.forget()
        return pack({"error": "memory", "message": ""})
    except duckdb.InterruptException:
        return pack({"error": "time", "message": ""})
    except duckdb.PermissionException:
        return pack({"error": "forbidden", "message": "files and settings are out of reach"})
    except AnalyticsError as failure:
        return pack(
            {"error": _UNREADABLE.get(type(failure.__cause__), "unreadable"), "message": ""}
        )
    except Exception as mistake:  # noqa: BLE001  (pyarrow's have no common base; the asker hears of it)
        kind = "memory" if "bad_alloc" in str(mistake) else "sql"
        if kind == "memory":
            _KEPT.forget()
        return pack({"error": kind, "message": discreet(str(mistake), sql)})


def discreet(message: str, sql: str) -> str:
    """DuckDB's message without the places of this machine; what the asker wrote is theirs."""
    told = message.partition("\n\nPossible solutions:")[0].partition("Traceback (most")[0]
    return _PATH.sub(lambda path: path[0] if path[0] in sql else "…", told).strip()


def _found(question: dict[str, Any]) -> bytes:
    statement, reads = _checked(question["sql"])

    def answered(root: Any, position: int) -> bytes:
        root.execute(statement, question["params"])
        reader = root.to_arrow_reader(ROWS_OF_A_BATCH)
        found = encode(reader, question["format"], question["rows"], question["bytes"])
        head = {"position": position, "rows": found.rows, "truncated": found.truncated}
        return pack(head, found.body)

    data_dir, scope = Path(question["data_dir"]), Scope.told(question["scope"])
    return _KEPT.ask(answered, reads, data_dir, scope, _bounds(question))


def _bounds(question: dict[str, Any]) -> dict[str, str]:
    return {
        "memory_limit": f"'{question['memory_mb']}MB'",
        "threads": str(question["threads"]),
        "max_execution_time": str(round(question["seconds"] * 1000)),
    }


def _checked(sql: str) -> tuple[Any, set[str]]:
    """The one statement that was written, and the views that it reads.

    Raises:
        Forbidden: it is not one that reads views, and nothing else.
    """
    statements = _parser().extract_statements(sql)
    if len(statements) != 1:
        raise Forbidden(f"one statement is asked at a time; there are {len(statements)}")
    (statement,) = statements
    if statement.type != duckdb.StatementType.SELECT:
        raise Forbidden(f"{_name(statement)} is not allowed: ask with SELECT")
    ((found,),) = _parser().execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchall()
    macros = {view.name for view in library() if view.parameters}
    reads = check(json.loads(found), names(), macros)
    return statement, reads


@cache
def _parser() -> Any:
    """Reads what strangers write, and runs none of it."""
    return connect()


def _name(statement: Any) -> str:
    kind = str(statement.type).rpartition(".")[2]
    return "PIVOT without IN (…)" if kind == "MULTI" else kind


if __name__ == "__main__":
    main()
