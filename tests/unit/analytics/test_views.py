"""Every view against its definition, computed once more from the events in plain Python."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import queries
from analytics.warehouse import Relation, Warehouse
from events.envelope import Recorded
from events.replay import Replayed, replay
from events.turn import Turn
from events.turns import (
    Ended,
    Event,
    Forked,
    Started,
    Timings,
    TurnBegun,
    TurnFailed,
    TurnInterrupted,
)
from tests.unit.analytics import logs
from tests.unit.analytics.logs import NOON, begun, completed, heard, opening

EXAMPLES = 12
NAMES = ["c'1", *(f"c{n}" for n in range(2, 9))]
DIALOGUES = st.dictionaries(st.sampled_from(NAMES), logs.conversations(), max_size=8)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("views")


def records(relation: Relation) -> list[dict[str, Any]]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def replayable(turns: Relation) -> list[dict[str, Any]]:
    """What a replay knows of the turns too; tests/properties/test_views.py asks for the rest."""
    return [dict(list(row.items())[: list(row).index("copied") + 1]) for row in records(turns)]


def ask(data_dir: Path, dialogues: dict[str, Sequence[Event]]) -> Warehouse:
    return Warehouse.open(logs.write_segments(data_dir, logs.recorded(dialogues)))


def replayed(dialogues: dict[str, Sequence[Event]]) -> Iterator[tuple[str, Replayed]]:
    def name(line: Recorded) -> str:
        return line.conversation_id

    for conversation_id, lines in groupby(sorted(logs.recorded(dialogues), key=name), key=name):
        yield conversation_id, replay(conversation_id, list(lines))


def in_utc(moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(UTC).replace(tzinfo=None)


def forked_at(events: Sequence[Event]) -> int:
    return max((v for v, e in enumerate(events, 1) if isinstance(e, Forked)), default=0)


def opened_at(events: Sequence[Event], turn: Turn) -> int:
    return max(v for v, event in enumerate(events, 1) if event == turn.opening)


def duration_known(turn: Turn) -> bool:
    if turn.kind == "heard":
        return bool(turn.opening.started_at and turn.opening.ended_at)  # type: ignore[union-attr]
    return turn.status in ("completed", "interrupted")


def as_told(conversation_id: str, told: Replayed, events: Sequence[Event]) -> list[dict[str, Any]]:
    first = min((turn.started_at for turn in told.transcript), default=NOON)
    lines = []
    for turn in sorted(told.transcript, key=lambda turn: turn.number):
        spoken = turn.opening if isinstance(turn.opening, TurnBegun) else None
        done, cut = turn.completion, turn.interruption
        timings = done.timings if done else Timings()
        end = turn.ended_at
        kept_s = done.duration_s if done else cut.duration_s if cut else None
        lines.append(
            {
                "conversation_id": conversation_id,
                "turn": turn.number,
                "turn_id": turn.turn_id,
                "speaker_id": turn.speaker_id,
                "role": told.state.participants[turn.speaker_id].role,
                "kind": turn.kind,
                "status": turn.status,
                "text": turn.text,
                "heard_text": turn.heard_text,
                "n_words": len(turn.text.split()),
                "started_at": in_utc(turn.started_at),
                "ended_at": in_utc(end),
                "start_s": (turn.started_at - first).total_seconds(),
                "end_s": (end - first).total_seconds() if end else None,
                "duration_s": turn.duration_s if duration_known(turn) else None,
                "voice": spoken.direction.voice if spoken else None,
                "engine": spoken.engine if spoken else None,
                "response_gap_ms": spoken.response_gap_ms if spoken else None,
                "begun_ms": timings.begun_ms,
                "first_audio_ms": timings.first_audio_ms,
                "synthesised_ms": timings.synthesised_ms,
                "audio": turn.audio,
                "audio_s": kept_s,
                "copied": opened_at(events, turn) <= forked_at(events),
            }
        )
    return lines


@settings(max_examples=EXAMPLES)
@given(DIALOGUES)
def test_turns_are_what_a_replay_tells(data_dir: Path, dialogues: dict[str, list[Event]]) -> None:
    warehouse = ask(data_dir, dialogues)
    told = {c: as_told(c, each, dialogues[c]) for c, each in replayed(dialogues)}
    assert replayable(queries.turns(warehouse)) == [t for c in sorted(told) for t in told[c]]
    for conversation_id, turns in list(told.items())[:1]:
        assert replayable(queries.turns(warehouse, conversation_id)) == turns


def union_s(stretches: list[tuple[float, float]]) -> float:
    """How long at least one of them lasts: each elementary interval asked in turn."""
    edges = sorted({edge for stretch in stretches for edge in stretch})
    return sum(
        b - a
        for a, b in pairwise(edges)
        if any(begin <= a and b <= end for begin, end in stretches)
    )


def speech_of(turns: list[Turn]) -> float | None:
    said = [turn for turn in turns if turn.status in ("completed", "interrupted")]
    if not all(map(duration_known, said)):
        return None
    ends = [((turn.ended_at or NOON) - NOON).total_seconds() for turn in said]
    lengths = [round(turn.duration_s, 6) for turn in said]  # in whole microseconds
    return union_s([(end - long, end) for end, long in zip(ends, lengths, strict=True)])


@settings(max_examples=EXAMPLES)
@given(DIALOGUES)
def test_talk_share_is_own_speech_by_all_speech(
    data_dir: Path, dialogues: dict[str, list[Event]]
) -> None:
    told = []
    for conversation_id, each in replayed(dialogues):
        turns = sorted(each.transcript, key=lambda turn: turn.speaker_id)
        by_speaker = {s: list(t) for s, t in groupby(turns, key=lambda turn: turn.speaker_id)}
        speech = {speaker: speech_of(turns) for speaker, turns in by_speaker.items()}
        known = [own for own in speech.values() if own is not None]
        whole = sum(known) if len(known) == len(speech) else 0
        for speaker, own in by_speaker.items():
            summary = each.state.speakers[speaker]
            told.append(
                {
                    "conversation_id": conversation_id,
                    "speaker_id": speaker,
                    "speech_s": pytest.approx(speech[speaker], abs=1e-7),
                    "share": pytest.approx(speech[speaker] / whole, abs=1e-4) if whole else None,
                    "turns": summary.turns,
                    "words": summary.words,
                    "untimed": sum(
                        turn.status in ("completed", "interrupted") and not duration_known(turn)
                        for turn in own
                    ),
                }
            )
    assert records(queries.talk_share(ask(data_dir, dialogues))) == told


@settings(max_examples=EXAMPLES)
@given(DIALOGUES)
def test_latency_is_cut_into_parts_that_add_up(
    data_dir: Path, dialogues: dict[str, list[Event]]
) -> None:
    found = records(queries.latency(ask(data_dir, dialogues)))
    told = {
        (conversation_id, turn.turn_id): turn.completion
        for conversation_id, each in replayed(dialogues)
        for turn in each.transcript
        if turn.completion
        and turn.completion.timings.synthesised_ms is not None
        and opened_at(dialogues[conversation_id], turn) > forked_at(dialogues[conversation_id])
    }
    assert {(row["conversation_id"], row["turn_id"]) for row in found} == told.keys()
    for row in found:
        timings = told[row["conversation_id"], row["turn_id"]].timings
        parts = row["to_begun_ms"] + row["to_first_audio_ms"] + row["to_synthesised_ms"]
        assert parts == pytest.approx(row["total_ms"])
        assert row["total_ms"] == timings.synthesised_ms
        assert row["first_audio_ms"] == timings.first_audio_ms
        assert (row["check_ms"], row["in_order"]) == (0, True)


@settings(max_examples=EXAMPLES)
@given(DIALOGUES)
def test_voices_used_counts_what_happened_once(
    data_dir: Path, dialogues: dict[str, list[Event]]
) -> None:
    told: dict[tuple[str, str], dict[str, Any]] = {}

    def count(
        opening: TurnBegun, conversation_id: str, turns: int, kept: float, failed: int
    ) -> None:
        key = opening.direction.voice, opening.engine
        row = told.setdefault(key, {"turns": 0, "audio_s": 0.0, "in": set(), "failures": 0})
        row["turns"] += turns
        row["audio_s"] += kept
        row["in"].add(conversation_id)
        row["failures"] += failed

    for conversation_id, each in replayed(dialogues):
        events = dialogues[conversation_id]
        for turn in each.transcript:
            if isinstance(turn.opening, TurnBegun) and opened_at(events, turn) > forked_at(events):
                end = turn.completion or turn.interruption
                count(turn.opening, conversation_id, 1, (end and end.duration_s) or 0.0, 0)
        attempts: dict[str, TurnBegun] = {}
        for version, event in enumerate(events, 1):
            if isinstance(event, TurnBegun):
                attempts[event.turn_id] = event
            elif isinstance(event, TurnFailed) and version > forked_at(events):
                count(attempts[event.turn_id], conversation_id, 0, 0.0, 1)
    assert records(queries.voices_used(ask(data_dir, dialogues))) == [
        {
            "voice": voice,
            "engine": engine,
            "turns": row["turns"],
            "audio_s": pytest.approx(row["audio_s"], abs=1e-6),
            "conversations": len(row["in"]),
            "failures": row["failures"],
        }
        for (voice, engine), row in sorted(told.items())
    ]


def quantile(values: Sequence[float], share: float) -> float:
    """By linear interpolation between the two nearest of them, in order."""
    ordered, place = sorted(values), share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@settings(max_examples=EXAMPLES)
@given(DIALOGUES)
def test_waits_are_of_what_was_measured_here(
    data_dir: Path, dialogues: dict[str, list[Event]]
) -> None:
    waits: dict[str, list[tuple[float, float, float]]] = {}
    rows = []
    for conversation_id, each in replayed(dialogues):
        events = dialogues[conversation_id]
        for turn in sorted(each.transcript, key=lambda turn: turn.number):
            done, begun_here = turn.completion, opened_at(events, turn) > forked_at(events)
            if isinstance(turn.opening, TurnBegun) and done and begun_here:
                first, last = done.timings.first_audio_ms, done.timings.synthesised_ms
                if first is not None and last is not None:
                    told = first, last, done.duration_s
                    rows.append((conversation_id, turn.number, turn.opening.engine, *told))
                    waits.setdefault(turn.opening.engine, []).append(told)
    warehouse = ask(data_dir, dialogues)
    found = queries.waits(warehouse).fetchall()
    assert [(c, n, *rest) for c, n, _, *rest in found] == rows
    assert {row[2] for row in found} <= {NOON.date()}
    for _, engine, turns, p50, p90, p99, factor in queries.latency_daily(warehouse).fetchall():
        first = [one[0] for one in waits[engine]]
        assert turns == len(waits.pop(engine)) == len(first)
        assert (p50, p90, p99) == pytest.approx([quantile(first, q) for q in (0.5, 0.9, 0.99)])
        mine = [row for row in rows if row[2] == engine]
        made_s = sum(row[5] for row in mine)
        expected = sum(row[4] for row in mine) / 1000 / made_s if made_s else None
        assert factor == (expected if expected is None else pytest.approx(expected, abs=1e-6))
    assert not waits


@settings(max_examples=EXAMPLES)
@given(st.lists(st.sampled_from(["k1", "k2", None]), min_size=1, max_size=4))
def test_the_last_to_fork_owns(data_dir: Path, owners: list[str | None]) -> None:
    forks = [Forked(source_conversation_id="o", source_version=1, owner=o) for o in owners[1:]]
    dialogues: dict[str, Sequence[Event]] = {
        "c": [Started(owner=owners[0]), *forks],
        "d": [Ended()],
    }
    found = queries.owners(ask(data_dir, dialogues)).fetchall()
    assert found == ([("c", owners[-1])] if owners[-1] else [])


def test_an_example_that_can_be_checked_by_hand(tmp_path: Path) -> None:
    at = [NOON + timedelta(seconds=second) for second in range(10)]
    dialogue = [
        *opening(),
        heard(1, "ann", "Two coffees, please.", at[0], at[2]),
        begun(2, "t2", "bob", "With milk and sugar?", at[3]),
        completed("t2", 3.0, Timings(begun_ms=4, first_audio_ms=500, synthesised_ms=900)),
        TurnInterrupted(
            turn_id="t2",
            audio_played_ms=1000,
            cause="barge_in",
            heard_text="With milk",
            unheard_text="and sugar?",
            interrupted_at=at[5],
        ),
    ]
    warehouse = ask(tmp_path, {"c": dialogue})
    turns = queries.turns(warehouse).project("turn, role, status, heard_text, start_s, end_s")
    assert turns.fetchall() == [
        (1, "human", "completed", "Two coffees, please.", 0.0, 2.0),
        (2, "agent", "interrupted", "With milk", 3.0, 4.5),
    ]
    shares = queries.talk_share(warehouse).project("speaker_id, speech_s, share, words")
    assert shares.fetchall() == [("ann", 2.0, 2 / 3, 3), ("bob", 1.0, 1 / 3, 4)]
    (latency,) = records(queries.latency(warehouse))
    assert (latency["to_first_audio_ms"], latency["to_synthesised_ms"]) == (496, 400)
    assert latency["real_time_factor"] == pytest.approx(0.3)
    assert warehouse.position == len(dialogue)
