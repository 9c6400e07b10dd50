"""Replay: from stored lines to state."""

from datetime import UTC, datetime
from statistics import median
from time import perf_counter

from events.codec import CODEC
from events.envelope import Recorded
from events.replay import replay
from events.turns import (
    Affect,
    Direction,
    Event,
    ParticipantJoined,
    Phrase,
    Reason,
    Started,
    Timing,
    Topic,
    TurnBegun,
    TurnCompleted,
    TurnHeard,
    WordProsody,
    WordTime,
)
from tests.benchmarks.figures import Figure

TURNS = 2_000
RUNS = 9
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORDER = "one Chai Latte please, with some extra foam"
ANSWER = "Okay, your order will be ready at the coffee bar soon"


AFFECT = Affect(
    valence=0.4,
    arousal=0.2,
    category="joy",
    sentiment="positive",
    confidence=0.5,
    sources=("text",),
)
TOPIC = Topic(id=1, label="latte, foam")
TIMING = Timing(gap_ms=120, floor="guest")
DIRECTION = Direction(
    voice="af_heart",
    phrases=(
        Phrase(
            text=ANSWER,
            speed=1.02,
            pitch=0.3,
            pitch_range=1.1,
            final=-2.0,
            words=(WordProsody(index=2, emphasis=0.4),),
            seed=77,
        ),
    ),
    reasons=tuple(
        Reason(rule=rule, because="valence 0.4", effect="pitch +0.3 st")
        for rule in ("a voice is for good", "shared joy", "statement")
    ),
)


def coffee(turns: int) -> list[Event]:
    """A talk at a counter: what is heard and what is spoken in turn, as a log would have it.

    Each turn was read, each line was directed with its reasons, and each word has its time.
    """
    events: list[Event] = [
        Started(),
        ParticipantJoined(participant_id="guest", role="human"),
        ParticipantJoined(participant_id="barista"),
    ]
    for number in range(1, turns, 2):
        events += [_heard(number), *_spoken(number + 1)]
    return events


def stored(events: list[Event]) -> list[Recorded]:
    """The events as a log would give them; of the envelope only what a replay reads is real."""
    lines = enumerate(map(CODEC.encode, events), start=1)
    return [
        Recorded(v, "c", v, "", new.type, new.schema_version, 1, f"{v}", NOW, b"", new.data)
        for v, new in lines
    ]


def run() -> list[Figure]:
    lines = stored(coffee(TURNS))
    rates = []
    for _ in range(RUNS):
        began = perf_counter()
        replay("c", lines)
        rates.append(len(lines) / (perf_counter() - began))
    note = "turns with what was read in them, and of spoken ones direction, reasons and word times"
    return [
        Figure(
            "fold of stored events to state", median(rates), "events/s", 100_000, "more", note=note
        )
    ]


def _heard(number: int) -> TurnHeard:
    return TurnHeard(
        turn=number,
        turn_id=f"t{number}",
        speaker_id="guest",
        text=ORDER,
        heard_at=NOW,
        affect=AFFECT,
        act="directive",
        topic=TOPIC,
        timing=TIMING,
    )


def _spoken(number: int) -> tuple[TurnBegun, TurnCompleted]:
    begun = TurnBegun(
        turn=number,
        turn_id=f"t{number}",
        speaker_id="barista",
        text=ANSWER,
        direction_json=DIRECTION.model_dump_json(),
        engine="espeak",
        response_gap_ms=70,
        begun_at=NOW,
        fingerprint="f" * 64,
        affect=AFFECT,
        act="statement",
        topic=TOPIC,
        timing=TIMING,
    )
    times = (WordTime(w, k * 0.2, k * 0.2 + 0.2) for k, w in enumerate(ANSWER.split()))
    completed = TurnCompleted(
        turn_id=f"t{number}", audio="a" * 64, duration_s=2.2, words=tuple(times), completed_at=NOW
    )
    return begun, completed
