import sys
from pathlib import Path

import pytest

from gateway import serve, traces
from gateway.serve import CannotServe
from gateway.settings import InvalidSettings, read_settings
from gateway.traces import can_be_sent, traced
from tests.api.door import Door

OTLP = "/v1/traces"


@pytest.mark.parametrize(
    ("given", "posted_to"),
    [
        ("http://127.0.0.1:4318", f"http://127.0.0.1:4318{OTLP}"),
        ("http://127.0.0.1:4318/", f"http://127.0.0.1:4318{OTLP}"),
        ("https://traces.example/otlp", "https://traces.example/otlp"),
        (f"http://[::1]:4318{OTLP}", f"http://[::1]:4318{OTLP}"),
    ],
)
def test_spans_are_posted_where_otlp_says_unless_told_otherwise(given: str, posted_to: str) -> None:
    assert read_settings(traces_to=given).traces_to == posted_to
    assert read_settings(traces_to=given).cluster().traces_to == posted_to


@pytest.mark.parametrize("given", ["localhost:4318", "grpc://x:4317", "http://", "http://x:99999"])
def test_what_is_no_address_is_refused_at_the_start(given: str) -> None:
    with pytest.raises(InvalidSettings, match=r"COLLOQUY_TRACES_TO.*"):
        read_settings(traces_to=given)


def test_none_are_sent_unless_somebody_says_where_to() -> None:
    assert read_settings().traces_to is read_settings(traces_to="").traces_to is None


def test_who_wants_traces_is_told_what_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert can_be_sent()
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.setattr(traces, "find_spec", _not_there)
    assert not can_be_sent()
    settings = read_settings(data_dir=tmp_path, traces_to="http://127.0.0.1:4318")
    with pytest.raises(CannotServe, match=r"colloquy\[traces\]"):
        serve._prepare(settings)
    serve._prepare(read_settings(data_dir=tmp_path))


def _not_there(name: str) -> None:
    raise ModuleNotFoundError(name)


async def test_without_an_address_an_app_stays_as_it_is() -> None:
    door = Door()
    before = door.app.build_middleware_stack
    async with traced(door.app, None):
        assert door.app.build_middleware_stack == before
