import sys
from pathlib import Path

import httpx
import pytest

from gateway.child import ServerFailed, running_server


class Enough(Exception):
    """What happens while a server runs."""


STUB = """
import os, signal, subprocess, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(CODE)
        self.send_header("Content-Length", "0")
        self.end_headers()
server = HTTPServer(("127.0.0.1", int(os.environ["COLLOQUY_PORT"])), Ready)
"""


def stub(before: str = "", code: int = 200) -> list[str]:
    source = f"{STUB.replace('CODE', str(code))}\n{before}\nserver.serve_forever()"
    return [sys.executable, "-c", source]


def refuses(url: str) -> bool:
    try:
        httpx.get(f"{url}/ready", trust_env=False)
    except httpx.ConnectError:
        return True
    return False


def test_a_server_is_there_for_the_duration() -> None:
    with running_server({}, command=stub()) as url:
        assert httpx.get(f"{url}/ready", trust_env=False).status_code == 200
    assert refuses(url)


def test_a_server_ends_whatever_happens() -> None:
    with pytest.raises(Enough), running_server({}, command=stub()) as url:
        raise Enough
    assert refuses(url)


def test_a_server_that_will_not_leave_is_killed_with_its_children(tmp_path: Path) -> None:
    """The child holds a pipe's other end: reading it ends when nobody is left."""
    pipe = tmp_path / "pipe"
    sleeper = "import sys, time; held = open(sys.argv[1], 'w'); time.sleep(600)"
    stubborn = (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"os.mkfifo({str(pipe)!r})\n"
        f"subprocess.Popen([sys.executable, '-c', {sleeper!r}, {str(pipe)!r}])"
    )
    with running_server({}, command=stub(stubborn), end_within_s=0.2) as url:
        end = pipe.open()
    with end:
        assert end.read() == ""
    assert refuses(url)


def test_a_server_that_does_not_start_says_why() -> None:
    says = "import sys; sys.exit('starting …\\n\\ncolloquy: the disk is full: make room')"
    with (
        pytest.raises(ServerFailed, match=r"did not start: the disk is full: make room$"),
        running_server({}, command=[sys.executable, "-c", says]),
    ):
        pytest.fail("it is not there")


def test_a_server_that_is_never_ready_is_not_waited_for_ever() -> None:
    with (
        pytest.raises(ServerFailed, match=r"not ready within 0\.3 s"),
        running_server({}, command=stub(code=503), ready_within_s=0.3),
    ):
        pytest.fail("it is not ready")


def test_a_server_is_given_its_settings_and_a_port() -> None:
    says = "import os, sys; sys.exit(os.environ['COLLOQUY_DATA_DIR'] + os.environ['COLLOQUY_HOST'])"
    with (
        pytest.raises(ServerFailed, match=r"here127\.0\.0\.1"),
        running_server({"COLLOQUY_DATA_DIR": "here"}, command=[sys.executable, "-c", says]),
    ):
        pytest.fail("it is not there")
