"""What leaves this machine of a span, and how sending it ends."""

import threading
from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanContext, StatusCode, TraceFlags

from actors import telemetry, tracing
from actors.telemetry import Sender, Wordless, wordless

WORDS = "Nobody else must ever read this"


def test_nothing_is_left_that_could_hold_a_word() -> None:
    link = Link(SpanContext(1, 2, True, TraceFlags(1)), {"said": WORDS})
    begun = (
        TracerProvider(shutdown_on_exit=False)
        .get_tracer("t")
        .start_span(
            "POST /v1/conversation/{conversation_id}/speak",
            attributes={
                "http.url": f"http://here/?text={WORDS}",
                "http.target": f"/{WORDS}",
                "http.user_agent": WORDS,
                "url.query": WORDS,
                "http.status_code": 200,
                "colloquy.sound_s": 1.5,
            },
            links=[link],
        )
    )
    begun.record_exception(ValueError(WORDS))
    begun.set_status(StatusCode.ERROR, WORDS)
    begun.end()
    assert isinstance(begun, ReadableSpan)
    assert WORDS in begun.to_json()
    left = wordless(begun)
    assert WORDS not in left.to_json()
    assert dict(left.attributes or {}) == {"http.status_code": 200, "colloquy.sound_s": 1.5}
    assert left.status.status_code is StatusCode.ERROR
    assert (left.name, left.context, left.start_time) == (
        begun.name,
        begun.context,
        begun.start_time,
    )
    assert [it.context for it in left.links] == [link.context]


class Deaf(SpanExporter):
    """Takes spans and never comes back."""

    def __init__(self, **_: object) -> None:
        self.free = threading.Event()
        self.taken = threading.Event()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.taken.set()
        self.free.wait()
        return SpanExportResult.SUCCESS


def test_a_collector_that_does_not_answer_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = Deaf()
    monkeypatch.setattr(telemetry, "OTLPSpanExporter", lambda **_: deaf)
    monkeypatch.setattr(telemetry, "END_WITHIN_S", 0.01)
    sender = Sender("http://nobody", "test")
    with tracing.span("whole"):
        pass
    sender.close()
    assert deaf.taken.wait(10)
    assert not deaf.free.is_set(), "it came back although nobody took the spans"
    assert tracing.here() is None
    deaf.free.set()


class Fickle(SpanExporter):
    """Takes spans or does not, as a script says."""

    def __init__(self, *outcomes: SpanExportResult) -> None:
        self._outcomes = iter(outcomes)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return next(self._outcomes)


def test_that_traces_are_lost_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    taken, lost = SpanExportResult.SUCCESS, SpanExportResult.FAILURE
    exporter = Wordless(Fickle(taken, lost, lost, lost, taken, taken))
    for _ in range(6):
        exporter.export([])
    assert caplog.messages == ["traces are lost: nobody takes them", "traces arrive again"]
