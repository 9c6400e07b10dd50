"""A server in a process of its own, to be talked to, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx

START_WITHIN_S = 120
END_WITHIN_S = 60


class Server:
    """`python -m gateway` over a data directory; settings as `COLLOQUY_…` without the prefix."""

    def __init__(self, data_dir: Path, **settings: object) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = {
            "data_dir": data_dir,
            "model_dir": data_dir / "models",
            "port": self.port,
            "object_store_mb": 80,
            "max_awake": 4,
            "warm": 1,
            "engine": "espeak",
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Server":
        self._process = self.launch()
        deadline = time.monotonic() + START_WITHIN_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()  # or nobody would end it
                raise RuntimeError(f"the server did not start: {self.complaint()}")
            time.sleep(0.1)
        return self

    def launch(self) -> "subprocess.Popen[bytes]":
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        environment = {f"COLLOQUY_{k.upper()}": str(v) for k, v in self._settings.items()}
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "gateway"],
                env={**os.environ, **environment},
                cwd=self.data_dir.parent,
                stderr=log,
                stdout=log,
                start_new_session=True,
            )

    def complaint(self) -> str:
        """What the server said so far."""
        return self._log.read_text()

    def stop(self) -> int | None:
        """As Ctrl-C does; it must end by itself. Returns its exit code."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        return self._process.wait(END_WITHIN_S)

    def kill(self) -> None:
        """As the kernel would under want of memory: the server, and all that it started."""
        assert self._process is not None
        doomed = [self._process.pid, *descendants(self._process.pid)]
        for pid in doomed:
            kill(pid)
        self._process.wait(END_WITHIN_S)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def actors(self, name: str) -> list[int]:
        """Process ids of the Ray actors of a class, e.g. `ScribeProcess`."""
        children = descendants(self.pid)
        return [pid for pid in children if command_line(pid).startswith(f"ray::{name}")]

    def processor_s(self) -> float:
        """Processor time of all its processes, those that have ended aside."""
        return sum(_processor_s(pid) for pid in (self.pid, *descendants(self.pid)))

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60)

    def get(self, path: str, **arguments: Any) -> Any:
        with self.client() as client:
            return client.get(path, **arguments).raise_for_status().json()

    def post(self, path: str, body: object) -> Any:
        with self.client() as client:
            return client.post(path, json=body).raise_for_status().json()

    @property
    def _log(self) -> Path:
        return self.data_dir.parent / f"server-{self.port}.log"

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/ready", timeout=2).status_code == 200
        except httpx.TransportError:
            return False


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_listening(port: int) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, f"nobody listens at port {port}"
            time.sleep(0.1)
        else:
            return


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """All processes that a process started, and those that they started."""
    parents = dict(_parents())
    found, frontier = [], [pid]
    while frontier:
        parent = frontier.pop()
        children = [child for child, of in parents.items() if of == parent]
        found += children
        frontier += children
    return found


def _processor_s(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2]
            except OSError:
                continue
            yield int(entry.name), int(after_name.split()[1])
