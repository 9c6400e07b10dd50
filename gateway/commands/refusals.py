"""How a command says no: one sentence on standard error, and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from actors.engines.base import EngineError
from events.codec import UnknownEvent
from events.log import LogError
from gateway.access.keyfile import KeyFileDamaged
from gateway.child import ServerFailed
from gateway.client import ColloquyError
from gateway.commands.script import MalformedScript
from gateway.commands.sound import CannotWrite
from gateway.settings import InvalidSettings

WRONG = 1
"""What was looked at is not as it should be."""
REFUSED = 2
"""What was asked cannot be done."""
STOPPED = 130
"""Somebody pressed Ctrl-C."""


class Refused(Exception):
    """A command cannot do what was asked; the message says what would be right."""


EXPECTED = (
    CannotWrite,
    ColloquyError,
    EngineError,
    InvalidSettings,
    KeyFileDamaged,
    LogError,
    MalformedScript,
    Refused,
    ServerFailed,
    UnknownEvent,
)


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Turn what can be expected to go wrong into a sentence and an exit code."""
    try:
        yield
    except EXPECTED as error:
        leave(str(error), REFUSED)
    except KeyboardInterrupt:
        leave("stopped", STOPPED)


def leave(sentence: str, code: int) -> NoReturn:
    """Say why, and end the command."""
    typer.echo(f"colloquy: {sentence}", err=True)
    raise typer.Exit(code) from None
