"""What the processes behind the door tell of themselves, as metrics; see docs/watching.md.

Each is asked once for a page of figures, all at the same time and with a deadline. Of one that does
not answer nothing is told but that: old figures would look like new ones.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Generic, Literal, TypeVar

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from actors.appended import ScribeStatus
from actors.directory import DirectoryStatus
from actors.spread import Spread
from actors.synthesis.status import PoolStatus
from gateway.system import System

ANSWERS_WITHIN_S = 1.0

_LOG = logging.getLogger(__name__)

Kind = Literal["gauge", "counter", "histogram"]
Status = TypeVar("Status")


@dataclass(frozen=True, slots=True)
class Figure(Generic[Status]):
    """A metric that a status holds."""

    name: str
    """Without prefix, and without `_total`."""
    kind: Kind
    meaning: str
    of: Callable[[Status], float | Spread | Mapping[str, float]]
    """The value in a status: a number, or a `Spread` for a histogram."""
    label: str | None = None
    """With which `of` gives a number for each value of the label."""


def _events(type_: str) -> Callable[[ScribeStatus], int]:
    return lambda scribe: scribe.events.get(type_, 0)


POOL: tuple[Figure[PoolStatus], ...] = (
    Figure("synthesis_places", "gauge", "Phrases that workers can speak at a time.",
           lambda pool: pool.workers),
    Figure("synthesis_places_busy", "gauge", "Places at which a phrase is spoken.",
           lambda pool: pool.busy),
    Figure("synthesis_places_claimed", "gauge", "Places that turns let in, or turned away, want.",
           lambda pool: pool.load),
    Figure("synthesis_workers_dead", "gauge", "Workers that do not answer, or not yet.",
           lambda pool: pool.dead),
    Figure("synthesis_workers_hung", "counter", "Workers ended because they did not come on.",
           lambda pool: pool.hung),
    Figure("synthesis_sound_seconds", "counter", "Sound that workers made.",
           lambda pool: pool.sound_s),
    Figure("synthesis_work_seconds", "counter", "Time of a place that the sound took.",
           lambda pool: pool.worked_s),
    Figure("synthesis_real_time_factor_ratio", "gauge",
           "Seconds of a place for a second of sound, as expected at this moment.",
           lambda pool: pool.real_time_factor),
    Figure("phrases_waiting", "gauge", "Phrases that wait for a place.",
           lambda pool: pool.waiting),
    Figure("phrase_wait_seconds", "histogram", "For which a phrase waited for a place.",
           lambda pool: pool.waits),
    Figure("deadline_misses", "counter", "Phrases of which sound came after it had run out.",
           lambda pool: pool.lateness.count),
    Figure("lateness_seconds", "histogram", "By which such phrases were late, at their latest.",
           lambda pool: pool.lateness),
    Figure("turns_talking", "gauge", "Turns that were let in and want sound yet.",
           lambda pool: pool.talking),
    Figure("admissions", "counter", "Turns that were let in.", lambda pool: pool.admitted),
    Figure("admissions_refused", "counter", "Turns and phrases that were told to come again.",
           lambda pool: pool.refused),
)  # fmt: skip

DIRECTORY: tuple[Figure[DirectoryStatus], ...] = (
    Figure("conversations_awake", "gauge", "Conversations in a process.",
           lambda directory: directory.awake),
    Figure("conversations_woken", "counter", "Conversations that were given to a process.",
           lambda directory: directory.woken),
    Figure("conversation_processes", "gauge", "Processes for conversations.",
           lambda directory: directory.processes),
    Figure("conversation_processes_idle", "gauge", "Such as have none, and are kept at hand.",
           lambda directory: directory.idle),
)  # fmt: skip

TURNS = {"heard": "turn_heard", "spoken": "turn_begun"}

SCRIBE: tuple[Figure[ScribeStatus], ...] = (
    Figure("append_seconds", "histogram", "From an append's arrival until it was durable.",
           lambda scribe: scribe.appends),
    Figure("append_failures", "counter", "Appends that were refused or could not be written.",
           lambda scribe: scribe.failed),
    Figure("conversations_started", "counter", "Conversations that began.", _events("started")),
    Figure("turns", "counter", "Turns that were recorded, those being spoken included.",
           lambda scribe: {kind: _events(type_)(scribe) for kind, type_ in TURNS.items()}, "kind"),
    Figure("turns_completed", "counter", "Turns spoken to their end.", _events("turn_completed")),
    Figure("turns_failed", "counter", "Turns that could not be spoken.", _events("turn_failed")),
    Figure("interruptions", "counter", "Turns of which not all was heard.",
           _events("turn_interrupted")),
)  # fmt: skip

SOURCES: Mapping[str, tuple[Figure[Any], ...]] = {
    "directory": DIRECTORY, "pool": POOL, "scribe": SCRIBE
}  # fmt: skip
"""The figures of each process that is asked."""


async def figures(system: System) -> list[Metric]:
    """What those who answer in time tell, and who does not."""
    asked = system.statuses()
    told = await asyncio.gather(*map(_told, asked.values()))
    statuses = dict(zip(asked, told, strict=True))
    answered = {name: status for name, status in statuses.items() if status is not None}
    here = (_metrics(SOURCES[name], status) for name, status in answered.items())
    return [*chain.from_iterable(here), _failures(statuses)]


def info(engine: str, version: str) -> Metric:
    """Which Colloquy this is."""
    family = GaugeMetricFamily(
        "colloquy_info", "1; its labels tell what is running.", labels=["engine", "version"]
    )
    family.add_metric([engine, version], 1)
    return family


def feed_readers(readers: int) -> Metric:
    return GaugeMetricFamily("colloquy_feed_readers", "Streams of events being read.", readers)


async def _told(ask: Callable[[], Awaitable[object]]) -> object | None:
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            return await ask()
    except Exception as failure:  # noqa: BLE001  (whatever it is, there is nothing to tell)
        _LOG.warning("who was asked for figures did not answer: %s", type(failure).__name__)
        return None


def _failures(statuses: Mapping[str, object | None]) -> Metric:
    family = GaugeMetricFamily(
        "colloquy_scrape_failed", "1 for who did not answer in time.", labels=["source"]
    )
    for name, status in statuses.items():
        family.add_metric([name], status is None)
    return family


def _metrics(figures: Iterable[Figure[Status]], status: Status) -> Iterator[Metric]:
    for figure in figures:
        name, value = f"colloquy_{figure.name}", figure.of(status)
        make = GaugeMetricFamily if figure.kind == "gauge" else CounterMetricFamily
        if isinstance(value, Spread):
            yield _histogram(name, figure.meaning, value)
        elif isinstance(value, Mapping):
            family = make(name, figure.meaning, labels=[figure.label or ""])
            for labelled, number in value.items():
                family.add_metric([labelled], number)
            yield family
        else:
            yield make(name, figure.meaning, value)


def _histogram(name: str, meaning: str, spread: Spread) -> Metric:
    buckets = [(str(bound), number) for bound, number in spread.up_to()]
    return HistogramMetricFamily(name, meaning, [*buckets, ("+Inf", spread.count)], spread.total)
