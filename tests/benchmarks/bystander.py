"""Somebody who asks servers how they are, from a process of their own."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from multiprocessing import get_context
from typing import Any

import uvicorn

from tests.system.serving import free_port

EVERY_S = 0.02


def asked(ports: Sequence[int], for_s: float) -> list[list[float]]:
    """How many milliseconds each server took to answer `/health`, asked in turn for so long."""
    servers = [HTTPConnection("127.0.0.1", port, timeout=30) for port in ports]
    times: list[list[float]] = [[] for _ in ports]
    until = time.perf_counter() + for_s
    while time.perf_counter() < until:
        for server, took in zip(servers, times, strict=True):
            took.append(_answered_ms(server))
        time.sleep(EVERY_S)
    for server in servers:
        server.close()
    return times


@contextmanager
def bare_server() -> Iterator[int]:
    """The port of a server that has nothing else to do."""
    port = free_port()
    process = get_context("spawn").Process(target=_serve, args=(port,), daemon=True)
    process.start()
    try:
        _until_it_answers(port)
        yield port
    finally:
        process.terminate()
        process.join()


def _answered_ms(server: HTTPConnection) -> float:
    began = time.perf_counter()
    server.request("GET", "/health")
    answer = server.getresponse()
    answer.read()
    assert answer.status == 200
    return (time.perf_counter() - began) * 1000


def _until_it_answers(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(OSError), closing(HTTPConnection("127.0.0.1", port, timeout=5)) as server:
            _answered_ms(server)
            return
        time.sleep(0.05)
    raise TimeoutError("the bare server did not start")


def _serve(port: int) -> None:
    uvicorn.run(_app, host="127.0.0.1", port=port, log_level="error", lifespan="off")


async def _app(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})
