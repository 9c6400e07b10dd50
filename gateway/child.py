"""A server of one's own, as a child process, for as long as it is needed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import httpx

SERVE = (sys.executable, "-m", "gateway")
READY_WITHIN_S = 120.0
END_WITHIN_S = 15.0

_LOOPBACK = "127.0.0.1"
_ASK_EVERY_S = 0.1
_OUR_PREFIX = "colloquy: "


class ServerFailed(Exception):
    """A server that was to be started did not come up; the message has its own words."""


@contextmanager
def running_server(
    settings: Mapping[str, str],
    *,
    command: Sequence[str] = SERVE,
    ready_within_s: float = READY_WITHIN_S,
    end_within_s: float = END_WITHIN_S,
) -> Iterator[str]:
    """Start a server on a free port, give its address once it is ready, and end it.

    `settings` are environment variables that this server alone is given.

    Raises:
        ServerFailed: it ended before it was ready, or was not ready in time.
    """
    port = _free_port()
    own = {"COLLOQUY_HOST": _LOOPBACK, "COLLOQUY_PORT": str(port)}
    with TemporaryDirectory(prefix="colloquy-") as folder:
        said = Path(folder) / "said"
        # A file, as a pipe that nobody reads would stop the server once it is full. A session of
        # its own, so that Ctrl-C reaches us alone and we decide the order of leaving.
        with said.open("wb") as sink:
            process = subprocess.Popen(  # noqa: S603  (our own interpreter, or a test's)
                command,
                env={**os.environ, **settings, **own},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        base_url = f"http://{_LOOPBACK}:{port}"
        try:
            _wait_until_ready(process, base_url, said, ready_within_s)
            yield base_url
        finally:
            _end(process, end_within_s)


@contextmanager
def leaving_on_sigterm() -> Iterator[None]:
    """Within it, SIGTERM unwinds the main thread as Ctrl-C does, so that children are ended."""
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(
    process: subprocess.Popen[bytes], base_url: str, said: Path, within_s: float
) -> None:
    deadline = time.monotonic() + within_s
    with httpx.Client(trust_env=False) as http:
        while (left_s := deadline - time.monotonic()) > 0:
            if process.poll() is not None:
                raise ServerFailed(f"The server did not start: {_last_words(said)}")
            # A server listens before it answers, so one question waits until it is up; a server
            # that dies breaks the connection.
            with suppress(httpx.TransportError):
                if http.get(f"{base_url}/ready", timeout=left_s).is_success:
                    return
            time.sleep(_ASK_EVERY_S)
    raise ServerFailed(
        f"The server was not ready within {within_s:g} s; serve by hand to see what keeps it."
    )


def _last_words(said: Path) -> str:
    """Why a server ended: its own sentence or, where it has none, the last line it wrote."""
    lines = [line.strip() for line in said.read_text(errors="replace").splitlines()]
    spoken = [line for line in lines if line] or ["it ended without a word"]
    ours = [n for n, line in enumerate(spoken) if line.startswith(_OUR_PREFIX)]
    reason = spoken[ours[0] :] if ours else spoken[-1:]
    return "; ".join(reason).removeprefix(_OUR_PREFIX)


def _end(process: subprocess.Popen[bytes], within_s: float) -> None:
    """Ask the server to leave and, if it does not, kill it with all that it started."""
    # Not SIGINT, which whoever was started in the background of a shell ignores.
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        pass
    finally:  # also when a second Ctrl-C ends the wait
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
