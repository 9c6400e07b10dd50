"""Traces by OpenTelemetry, sent as OTLP over HTTP; imported only where somebody wants them."""

import asyncio
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from actors import tracing
from actors.tracing import Attribute, Trace

MOST_WAITING = 4096
"""Spans that wait to be sent; more are lost, rather than that speech waits for a collector."""
MOST_TOGETHER = 512
SENT_EVERY_S = 1.0
SENT_WITHIN_S = 2.0
END_WITHIN_S = 2.0

OWN = "colloquy."
TOLD = frozenset(
    {
        *("http.request.method", "http.response.status_code", "http.route", "error.type"),
        *("http.method", "http.status_code", "http.scheme", "http.flavor", "url.scheme"),
    }
)
"""What is told of a request, under the names of before and after OpenTelemetry's HTTP conventions
became stable. Addresses and headers may hold what somebody wrote."""

_W3C = TraceContextTextMapPropagator()
_LOG = logging.getLogger(__name__)


class Sender:
    """Sends the spans of this process until it is closed.

    Args:
        endpoint: Where to, for OTLP over HTTP.
        process: What this process is, by which its spans are told from others.
    """

    def __init__(self, endpoint: str, process: str) -> None:
        # It would say every second that a collector is away, and of each span that it is lost.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        exporter = Wordless(OTLPSpanExporter(endpoint=endpoint, timeout=SENT_WITHIN_S))
        self.provider = TracerProvider(
            resource=Resource.create({"service.name": f"colloquy-{process}"}),
            shutdown_on_exit=False,
        )
        self.provider.add_span_processor(
            BatchSpanProcessor(
                exporter,
                max_queue_size=MOST_WAITING,
                max_export_batch_size=MOST_TOGETHER,
                schedule_delay_millis=SENT_EVERY_S * 1000,
            )
        )
        tracing.install(OpenTelemetry(self.provider))

    def close(self) -> None:
        """Send what waits, unless nobody takes it."""
        tracing.install(None)
        closing = threading.Thread(target=self.provider.shutdown, daemon=True)
        closing.start()
        closing.join(END_WITHIN_S)


class Wordless(SpanExporter):
    """Leaves nothing of a span but names, times, and attributes that cannot hold a word.

    When spans begin to be lost, or to arrive, the log is told, once.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._arrive = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        outcome = self._exporter.export([wordless(span) for span in spans])
        arrive = outcome is SpanExportResult.SUCCESS
        if arrive != self._arrive:
            _LOG.warning("traces arrive again" if arrive else "traces are lost: nobody takes them")
        self._arrive = arrive
        return outcome

    def shutdown(self) -> None:
        self._exporter.shutdown()


def wordless(span: ReadableSpan) -> ReadableSpan:
    """The same span without events and descriptions: both quote exceptions."""
    attributes = span.attributes or {}
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={
            name: value
            for name, value in attributes.items()
            if name in TOLD or name.startswith(OWN)
        },
        links=[Link(link.context) for link in span.links],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


class OpenTelemetry:
    """A `Tracer`."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("colloquy")

    @contextmanager
    def span(self, name: str, measures: Mapping[str, Attribute]) -> Iterator["_Span"]:
        with (
            self.apart(name, None, measures) as begun,
            trace.use_span(begun.span, record_exception=False, set_status_on_exception=False),
        ):
            yield begun

    @contextmanager
    def root(self, name: str, measures: Mapping[str, Attribute]) -> Iterator["_Span"]:
        begun_from = trace.get_current_span().get_span_context()
        links = [Link(begun_from)] if begun_from.is_valid else []
        span = self._tracer.start_span(
            name, context.Context(), attributes=_named(measures), links=links
        )
        with (
            _until_the_end(span) as begun,
            trace.use_span(span, record_exception=False, set_status_on_exception=False),
        ):
            yield begun

    @contextmanager
    def apart(
        self, name: str, place: Trace | None, measures: Mapping[str, Attribute]
    ) -> Iterator["_Span"]:
        parent = None if place is None else _at(place)
        span = self._tracer.start_span(name, parent, attributes=_named(measures))
        with _until_the_end(span) as begun:
            yield begun

    def here(self) -> Trace | None:
        headers: dict[str, str] = {}
        _W3C.inject(headers)
        return headers.get("traceparent")

    @contextmanager
    def within(self, place: Trace) -> Iterator[None]:
        token = context.attach(_at(place))
        try:
            yield
        finally:
            context.detach(token)


class _Span:
    def __init__(self, span: trace.Span) -> None:
        self.span = span

    def note(self, **measures: Attribute) -> None:
        self.span.set_attributes(_named(measures))


@contextmanager
def _until_the_end(span: trace.Span) -> Iterator[_Span]:
    try:
        yield _Span(span)
    except (asyncio.CancelledError, GeneratorExit):
        span.set_attribute(f"{OWN}stopped", True)
        raise
    except BaseException as failure:
        span.set_attribute("error.type", type(failure).__name__)
        span.set_status(StatusCode.ERROR)
        raise
    finally:
        span.end()


def _named(measures: Mapping[str, Attribute]) -> dict[str, Attribute]:
    return {f"{OWN}{name}": value for name, value in measures.items()}


def _at(place: Trace) -> context.Context:
    return _W3C.extract({"traceparent": place})
