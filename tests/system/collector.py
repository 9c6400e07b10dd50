"""A collector of traces: takes what is posted to it as OTLP over HTTP, and keeps it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Seen:
    """A span, as it was sent."""

    service: str
    name: str
    trace: bytes
    id: bytes
    parent: bytes
    links: tuple[bytes, ...]
    """The traces that it names."""
    attributes: dict[str, object]


class Collector:
    def __init__(self) -> None:
        self.payloads: list[bytes] = []
        kept = self.payloads

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                kept.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def spans(self) -> list[Seen]:
        return [span for payload in list(self.payloads) for span in _spans(payload)]

    def wait_for(self, wanted: Callable[[list[Seen]], bool], within_s: float = 30) -> list[Seen]:
        """All spans, once they are what is wanted."""
        deadline = monotonic() + within_s
        while not wanted(spans := self.spans):
            assert monotonic() < deadline, sorted({(s.service, s.name) for s in spans})
            sleep(0.1)
        return spans

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _spans(payload: bytes) -> list[Seen]:
    request = ExportTraceServiceRequest.FromString(payload)
    return [
        Seen(
            _values(of.resource.attributes)["service.name"],  # type: ignore[arg-type]
            span.name,
            span.trace_id,
            span.span_id,
            span.parent_span_id,
            tuple(link.trace_id for link in span.links),
            _values(span.attributes),
        )
        for of in request.resource_spans
        for scope in of.scope_spans
        for span in scope.spans
    ]


def _values(attributes: object) -> dict[str, object]:
    return {
        it.key: getattr(it.value, str(it.value.WhichOneof("value")))
        for it in attributes  # type: ignore[attr-defined]
    }
