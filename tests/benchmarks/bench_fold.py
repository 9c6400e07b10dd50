"""Replay: from stored lines to state."""

from datetime import UTC, datetime
from statistics import median
from time import perf_counter

from events.codec import CODEC
from events.direction import Direction, Phrase, Reason, WordProsody
from events.envelope import Recorded
from events.readings import Affect, Timing, Topic
from events.replay import replay
from events.turns import (
    Event,
    ParticipantJoined,
    Started,
    TurnBegun,
    TurnCompleted,
    TurnHeard,
    WordTime,
    words_json,
)
from tests.benchmarks.figures import Figure

TURNS = 2_000
RUNS = 9
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORDER = "one Chai Latte please, with some extra foam"
ANSWER = "Okay, your order will be ready at the coffee bar soon"


READINGS = {
    "affect": Affect(
        valence=0.4,
        arousal=0.2,
        category="joy",
        sentiment="positive",
        confidence=0.5,
        sources=("text",),
    ),
    "act": "statement",
    "topic": Topic(id=1, label="latte, foam"),
    "timing": Timing(gap_ms=120, floor="guest"),
}
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


def coffee(turns: int, *, read: bool = False) -> list[Event]:
    """A talk at a counter: what is heard and what is spoken in turn, as a log would have it.

    Each line was directed with its reasons, and each word has its time.

    Args:
        turns: How many, rounded down to an even number.
        read: Whether the readers could make something of every turn.
    """
    readings = READINGS if read else {}
    events: list[Event] = [
        Started(),
        ParticipantJoined(participant_id="guest", role="human"),
        ParticipantJoined(participant_id="barista"),
    ]
    for number in range(1, turns, 2):
        talk = (_heard(number), *_spoken(number + 1))
        events += [
            event.model_copy(update=readings) if isinstance(event, TurnHeard | TurnBegun) else event
            for event in talk
        ]
    return events


def stored(events: list[Event]) -> list[Recorded]:
    """The events as a log would give them; of the envelope only what a replay reads is real."""
    lines = enumerate(map(CODEC.encode, events), start=1)
    return [
        Recorded(v, "c", v, "", new.type, new.schema_version, 1, f"{v}", NOW, b"", new.data)
        for v, new in lines
    ]


def run() -> list[Figure]:
    what, note = "fold of stored events to state", "spoken turns directed, their words timed"
    plain, read = (_events_a_second(coffee(TURNS, read=read)) for read in (False, True))
    return [
        Figure(what, plain, "events/s", 100_000, "more", note=note),
        Figure(f"{what}, every turn read", read, "events/s", 100_000, "more", plain, note),
    ]


def _events_a_second(events: list[Event]) -> float:
    lines, rates = stored(events), []
    for _ in range(RUNS):
        began = perf_counter()
        replay("c", lines)
        rates.append(len(lines) / (perf_counter() - began))
    return median(rates)


def _heard(number: int) -> TurnHeard:
    return TurnHeard(
        turn=number,
        turn_id=f"t{number}",
        speaker_id="guest",
        text=ORDER,
        heard_at=NOW,
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
    )
    times = (WordTime(w, k * 0.2, k * 0.2 + 0.2) for k, w in enumerate(ANSWER.split()))
    completed = TurnCompleted(
        turn_id=f"t{number}",
        audio="a" * 64,
        duration_s=2.2,
        completed_at=NOW,
        words_json=words_json(tuple(times)),
    )
    return begun, completed
