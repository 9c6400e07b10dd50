"""Serving: everything is checked and opened before the first request is taken."""

import asyncio
import gc
import os
import resource
import signal
import socket
import sys
from ipaddress import ip_address

from fastapi import FastAPI
from uvicorn.loops.auto import auto_loop_factory

from actors.cluster import CannotJoin, Cluster, new_id
from actors.directory import ProcessDied
from actors.engines.base import EngineError
from events.log import LogError
from gateway.access import keyfile
from gateway.access.keyfile import KeyFileDamaged
from gateway.app import create_app
from gateway.connections import bound_connections, server_of
from gateway.logs import logging_to
from gateway.settings import InvalidSettings, Settings, read_settings
from gateway.traces import can_be_sent, traced


class CannotServe(Exception):
    """Something is in the way; the message says what to do about it."""


EXPECTED = (
    *(InvalidSettings, CannotServe, CannotJoin, KeyFileDamaged, LogError, EngineError, ProcessDied),
)
"""What can keep a server from serving, each with a sentence."""


def main(settings: Settings | None = None) -> None:
    """Serve until interrupted. Exits with 1 and a sentence if that cannot be."""
    try:
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(serve(settings or read_settings()))
    except EXPECTED as reason:
        _say(f"colloquy: {reason}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


async def serve(settings: Settings) -> None:
    """Open the door once everything behind it is up."""
    listener = _listen(settings.host, settings.port)
    _prepare(settings)
    keys = _guarded(settings, listener)
    _allow_many_connections()
    _say("starting …")
    cluster = await Cluster.start(settings.cluster())
    try:
        host, port = listener.getsockname()[:2]
        _say(cluster.engine_sentence)
        if settings.ray_address:
            _say(f"joined {settings.ray_address}: the log and the engine are those it has already")
        _say(f"ready on http://{host}:{port} (calls: /docs; {keys})")
        _leave_signals_to_uvicorn()
        app = create_app(cluster, settings, new_id)
        app.state.analysts.open()
        _settle_in()
        try:
            with logging_to(sys.stderr, settings.log_level, settings.log_format):
                async with traced(app, settings.traces_to):
                    await server_of(app, lambda: _let_go(app)).serve([listener])
        finally:
            await app.state.analysts.close()
    finally:
        await cluster.stop()


def _settle_in() -> None:
    # What is there by now stays. To look through all of it for garbage again and again would hold
    # up every caller for as long as that takes.
    gc.collect()
    gc.freeze()


def _let_go(app: FastAPI) -> None:
    app.state.feed.close()
    app.state.lingering.close()


def _leave_signals_to_uvicorn() -> None:
    # uvicorn stops at a signal, and then sends it again to whoever handled it before: that would
    # cancel the closing of the log.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound_connections(listener)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise CannotServe(
            f"cannot listen on {host}:{port} ({os.strerror(error.errno or 0)}): "
            "stop what is there, or set COLLOQUY_PORT to another port"
        ) from None
    return listener


def _guarded(settings: Settings, listener: socket.socket) -> str:
    """In words, who may call.

    Raises:
        CannotServe: everybody could, from elsewhere too, and nobody said that they may.
        KeyFileDamaged: it is not known who may.
    """
    path = settings.file_of_keys
    if keyfile.read(path):
        return f"callers need a key of {path}"
    if ip_address(listener.getsockname()[0].partition("%")[0]).is_loopback:
        return "no keys: only this machine can call, until `colloquy keys create` makes one"
    if settings.allow_without_keys:
        return "no keys: EVERYBODY who reaches this address can call"
    listener.close()
    raise CannotServe(
        f"there are no API keys, so whoever reaches {settings.host} could call: make one with "
        "`colloquy keys create`, or listen on 127.0.0.1, or set COLLOQUY_ALLOW_WITHOUT_KEYS=true"
    )


def _prepare(settings: Settings) -> None:
    if settings.traces_to is not None and not can_be_sent():
        raise CannotServe(
            "traces need OpenTelemetry, which is not installed: "
            "`pip install 'colloquy[traces]'`, or leave COLLOQUY_TRACES_TO unset"
        )
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe = settings.data_dir / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotServe(
            f"cannot write to the data directory {settings.data_dir} "
            f"({os.strerror(error.errno or 0)}): set COLLOQUY_DATA_DIR to one that can be written"
        ) from None


def _allow_many_connections() -> None:
    # Each is a file to the kernel, and shells allow 1024 of them unless asked for more.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
