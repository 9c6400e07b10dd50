"""An entry of the log is one line, for people or for programs, and nobody waits for it."""

import io
import json
import logging
import threading

import pytest

from gateway.logs import Lines, logging_to

WORDS = "Nobody else must ever read this"


def written(form: str, level: str = "info", **fields: object) -> list[str]:
    stream = io.StringIO()
    with logging_to(stream, level, form):  # type: ignore[arg-type]
        logging.getLogger("gateway.here").info("it happened", extra=fields)
    return stream.getvalue().splitlines()


def test_as_json() -> None:
    (line,) = written("json", key_id="k", turn_id=None, status=200)
    entry = json.loads(line)
    assert entry.pop("time").endswith("+00:00")
    assert entry == {
        "level": "info",
        "logger": "gateway.here",
        "message": "it happened",
        "key_id": "k",
        "status": 200,
    }


def test_as_logfmt() -> None:
    (line,) = written("logfmt", key_id="k", route="/v1/{id}", odd='a "b"\n=c')
    assert line.partition(" ")[0].startswith("time=2")
    assert line.partition(" ")[2] == (
        'level=info logger=gateway.here message="it happened" key_id=k route=/v1/{id} '
        'odd="a \\"b\\"\\n=c"'
    )


def test_below_the_level_nothing_is_said() -> None:
    assert written("json", "warning") == []


@pytest.mark.parametrize("form", ["json", "logfmt"])
def test_of_an_error_only_its_kind_is_told(form: str) -> None:
    stream = io.StringIO()
    with logging_to(stream, "info", form):  # type: ignore[arg-type]
        try:
            int(WORDS)
        except ValueError:
            logging.getLogger("elsewhere").exception("it broke")
    assert WORDS not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


def test_who_logs_does_not_wait_for_who_reads() -> None:
    reading = threading.Event()

    class Unread(io.StringIO):
        def write(self, text: str) -> int:
            reading.wait()
            return super().write(text)

    stream = Unread()
    with logging_to(stream, "info", "json", most_waiting=10):
        for number in range(100):
            logging.getLogger("gateway.here").info("it happened", extra={"number": number})
        reading.set()
    told = stream.getvalue().splitlines()
    assert 10 <= len(told) <= 11


def test_the_root_is_left_as_it_was() -> None:
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    written("json")
    assert (root.level, list(root.handlers)) == before


def test_every_line_is_one_line() -> None:
    record = logging.makeLogRecord({"msg": "a\nb", "levelname": "INFO", "name": "x"})
    for form in ("json", "logfmt"):
        assert "\n" not in Lines(form).format(record)  # type: ignore[arg-type]
