"""What a watcher sees. No word that anybody spoke, no id of a person."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SOON = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class Metrics:
    """One set of instruments for one app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "colloquy_requests", "Requests answered.", ["route", "status"], registry=self.registry
        )
        self.first_audio = Histogram(
            "colloquy_first_audio_seconds",
            "From the arrival of a request to the first samples.",
            buckets=_SOON,
            registry=self.registry,
        )
        self.sound = Counter(
            "colloquy_sound_seconds", "Sound sent to callers.", registry=self.registry
        )
        self.interrupted = Counter(
            "colloquy_turns_left", "Turns whose listener left early.", registry=self.registry
        )
        self.awake = self._gauge("colloquy_conversations_awake", "Conversations in a process.")
        self.idle = self._gauge("colloquy_processes_idle", "Conversation processes at hand.")
        self.busy_workers = self._gauge("colloquy_workers_busy", "Synthesis workers at work.")
        self.waiting = self._gauge("colloquy_phrases_waiting", "Phrases that wait for a worker.")

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(name, meaning, registry=self.registry)

    def page(self) -> bytes:
        return generate_latest(self.registry)


class CountedRequests:
    """Counts answers by the route's pattern, so that no id becomes a label."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "none")
                self._metrics.requests.labels(route, str(message["status"])).inc()
            await send(message)

        await self._app(scope, receive, counted)
