"""What a watcher sees of this door; see docs/watching.md.

No word that anybody spoke, no id of a person, a conversation or a key. Every label has as many
values as the code has names for it.
"""

from collections.abc import Iterable, Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import Metric
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import answer_to, code_in

disable_created_metrics()  # type: ignore[no-untyped-call]  # another series for each there is

FIRST_AUDIO_S = (
    *(0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5),
    *(1.0, 2.0, 5.0, 10.0),
)
UPLOAD_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """One set of instruments for one app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = self._counter("requests", "Requests answered.", "route", "status")
        self.errors = self._counter("errors", "Errors that callers were told, by code.", "code")
        self.connections = Gauge(
            "colloquy_connections_open",
            "WebSockets that are open.",
            ["route"],
            registry=self.registry,
        )
        self.first_audio = self._seconds(
            "first_audio", "From the arrival of a turn's words to its first samples.", FIRST_AUDIO_S
        )
        self.sound = self._counter("sound_seconds", "Sound sent to callers.")
        self.left = self._counter(
            "streams_left", "Streams of sound whose caller left before their end."
        )
        self.uploads = self._seconds(
            "upload", "From the arrival of a file of sound until it was listened to.", UPLOAD_S
        )
        self.upload_bytes = self._counter("upload_bytes", "Of files of sound that were sent.")
        self._answers: dict[tuple[str, int], Counter] = {}

    def count_answer(self, route: str, status: int) -> None:
        # Looking a child up by its labels costs more than counting does.
        answers = self._answers.get((route, status))
        if answers is None:
            answers = self._answers[route, status] = self.requests.labels(route, str(status))
        answers.inc()

    def count_error(self, code: str) -> None:
        """A caller was told of an error, by a code that stands in the source."""
        self.errors.labels(code).inc()

    def page(self, beside: Iterable[Metric] = ()) -> bytes:
        """All figures in Prometheus' text format, with others beside them."""
        return generate_latest(_Together(self.registry, beside))

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"colloquy_{name}", meaning, labels, registry=self.registry)

    def _seconds(self, name: str, meaning: str, bounds: tuple[float, ...]) -> Histogram:
        return Histogram(
            f"colloquy_{name}_seconds", meaning, buckets=bounds, registry=self.registry
        )


class _Together:
    """What `generate_latest` needs of a registry."""

    def __init__(self, registry: CollectorRegistry, beside: Iterable[Metric]) -> None:
        self._registry = registry
        self._beside = beside

    def collect(self) -> Iterator[Metric]:
        yield from self._registry.collect()
        yield from self._beside


class CountedRequests:
    """Counts answers by the route's pattern, errors by their code, and WebSockets that are open."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        opened = None

        async def counted(message: Message) -> None:
            nonlocal opened
            match message["type"]:
                case "http.response.start" | "websocket.http.response.start":
                    self._metrics.count_answer(_route(scope), message["status"])
                case "websocket.accept":
                    self._metrics.count_answer(_route(scope), 101)
                    opened = self._metrics.connections.labels(_route(scope))
                    opened.inc()
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except Exception as error:
            self._metrics.count_error(code_in(answer_to(error)[1]))
            raise
        finally:
            code = scope.get("state", {}).get("error_code")
            if code is not None:
                self._metrics.count_error(code)
            if opened is not None:
                opened.dec()


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "none")
