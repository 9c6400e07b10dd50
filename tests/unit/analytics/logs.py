"""Logs to ask: conversations as they may happen, and their events as segments."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path

import duckdb
from hypothesis import strategies as st

from events import rows
from events.codec import CODEC
from events.direction import Direction, Phrase
from events.envelope import Recorded
from events.segments import DIRECTORY, segment_name, segments
from events.transcript import Transcript
from events.turn import Turn
from events.turns import (
    Event,
    Forked,
    ParticipantJoined,
    Started,
    Timings,
    TurnBegun,
    TurnCompleted,
    TurnExtended,
    TurnFailed,
    TurnHeard,
    TurnInterrupted,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SPEAKERS = ("ann", "bob")
_SPACES = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_TEXTS = st.text(st.sampled_from("aé'日\"\\," + _SPACES), min_size=1, max_size=12)
_MS = st.integers(0, 3_000_000).map(lambda n: n / 1000)
_ZONES = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))


def seconds(samples: int) -> float:
    return samples / 24_000


_LENGTHS = st.integers(0, 240_000).map(seconds)
_MOMENTS = st.builds(
    lambda micros, zone: (NOON + timedelta(microseconds=micros)).astimezone(zone),
    st.integers(0, 60_000_000),
    _ZONES,
)


def begun(turn: int, turn_id: str, speaker: str, text: str, at: datetime, **more: str) -> TurnBegun:
    voice, engine = more.get("voice", "af_bella"), more.get("engine", "scripted")
    return TurnBegun(
        turn=turn,
        turn_id=turn_id,
        speaker_id=speaker,
        text=text,
        direction_json=Direction(voice=voice, phrases=(Phrase(text=text),)).model_dump_json(),
        engine=engine,
        response_gap_ms=200,
        begun_at=at,
        fingerprint="",
    )


def heard(
    turn: int, speaker: str, text: str, started: datetime | None, ended: datetime | None
) -> TurnHeard:
    return TurnHeard(
        turn=turn,
        turn_id=f"t{turn}",
        speaker_id=speaker,
        text=text,
        heard_at=NOON,
        started_at=started,
        ended_at=ended,
    )


def completed(turn_id: str, duration_s: float, timings: Timings | None = None) -> TurnCompleted:
    return TurnCompleted(
        turn_id=turn_id,
        audio=f"sha256-{turn_id}",
        duration_s=duration_s,
        completed_at=NOON,
        timings=timings or Timings(),
    )


def opening() -> list[Event]:
    return [
        Started(),
        ParticipantJoined(participant_id="ann", role="human"),
        ParticipantJoined(participant_id="bob"),
    ]


@st.composite
def conversations(draw: st.DrawFn) -> list[Event]:
    """What may happen in a conversation: turns retaken, cut short before and after their end."""
    events, turns = opening(), Transcript()
    count = 0
    for _ in range(draw(st.integers(0, 12))):
        openable = [t for t in turns if t.speakable_again]
        closable = [t for t in turns if t.kind == "spoken" and not t.interruption and not t.failure]
        growing = [t for t in closable if t.status == "begun"]
        step = draw(
            st.sampled_from(["heard", "begun", "more", "close", "close", "again", "fork", "role"])
        )
        event: Event
        if step == "heard":
            count += 1
            times = draw(st.none() | _MOMENTS), draw(st.none() | _MOMENTS)
            event = heard(count, draw(st.sampled_from(SPEAKERS)), draw(_TEXTS), *times)
        elif step == "begun":
            count += 1
            event = _begins(draw, count, f"t{count}", draw(st.sampled_from(SPEAKERS)), draw(_TEXTS))
        elif step == "again" and openable:
            turn = draw(st.sampled_from(openable))
            event = _begins(draw, turn.number, turn.turn_id, turn.speaker_id, turn.text)
        elif step == "more" and growing:
            event = _goes_on(draw, draw(st.sampled_from(growing)))
        elif step == "close" and closable:
            event = _ends(draw, draw(st.sampled_from(closable)))
        elif step == "fork":
            event = Forked(source_conversation_id="other", source_version=len(events))
        else:
            event = ParticipantJoined(
                participant_id="ann", role=draw(st.sampled_from(["agent", "human"]))
            )
        events.append(event)
        turns.apply(event)
    return events


def _begins(draw: st.DrawFn, turn: int, turn_id: str, speaker: str, text: str) -> TurnBegun:
    voice = draw(st.sampled_from(["af_bella", "am_adam"]))
    engine = draw(st.sampled_from(["kokoro", "espeak"]))
    return begun(turn, turn_id, speaker, text, draw(_MOMENTS), voice=voice, engine=engine)


def _goes_on(draw: st.DrawFn, turn: Turn) -> TurnExtended:
    text = draw(_TEXTS)
    return TurnExtended(
        turn_id=turn.turn_id,
        text=text,
        direction=Direction(voice="af_bella", phrases=(Phrase(text=text),)),
        extended_at=NOON,
        act=draw(st.sampled_from([None, "wh_question"])),
    )


def _ends(draw: st.DrawFn, turn: Turn) -> Event:
    ends = ["interrupt"] if turn.completion else ["complete", "interrupt", "fail"]
    match draw(st.sampled_from(ends)):
        case "complete":
            parts = sorted(draw(st.lists(_MS, min_size=3, max_size=3)))
            known = parts if draw(st.booleans()) else [None, None, None]
            timings = Timings(begun_ms=known[0], first_audio_ms=known[1], synthesised_ms=known[2])
            return completed(turn.turn_id, draw(_LENGTHS), timings)
        case "interrupt":
            whole = turn.completion is not None
            words = turn.text.split()
            return TurnInterrupted(
                turn_id=turn.turn_id,
                audio_played_ms=draw(st.integers(0, 9000)),
                cause=draw(st.sampled_from(["barge_in", "listener_left"])),
                heard_text=" ".join(words[:1]),
                unheard_text=" ".join(words[1:]),
                audio=None if whole else "sha256-part",
                duration_s=None if whole else draw(_LENGTHS),
                interrupted_at=NOON,
            )
        case _:
            return TurnFailed(turn_id=turn.turn_id, cause="engine", failed_at=draw(_MOMENTS))


def recorded(dialogues: dict[str, Sequence[Event]]) -> list[Recorded]:
    """The events of several conversations, one from each in turn."""
    lines: list[Recorded] = []
    longest = max(map(len, dialogues.values()), default=0)
    for version in range(1, longest + 1):
        for name, events in dialogues.items():
            if version <= len(events):
                lines.append(_line(len(lines) + 1, name, version, events[version - 1]))
    return lines


def _line(position: int, conversation_id: str, version: int, event: Event) -> Recorded:
    stored = CODEC.encode(event)
    return Recorded(
        position=position,
        conversation_id=conversation_id,
        version=version,
        event_id=f"00000000-0000-7000-8000-{position:012d}",
        type=stored.type,
        schema_version=stored.schema_version,
        epoch=2**32 + 1,
        command_id=f"command-{position}",
        recorded_at=NOON + timedelta(milliseconds=position),
        chain=bytes(32),
        data=stored.data,
    )


@cache
def _table() -> duckdb.DuckDBPyConnection:
    root = duckdb.connect(":memory:", config={"threads": 1})
    root.execute(Path(rows.__file__).with_name("schema.sql").read_text())
    return root


def write_segments(data_dir: Path, lines: Sequence[Recorded], size: int = 50) -> Path:
    """The segments that the scribe would have exported; returns the data directory."""
    directory = data_dir / DIRECTORY
    directory.mkdir(parents=True, exist_ok=True)
    for old in segments(directory):
        old.unlink()
    for start in range(0, len(lines), size):
        _table().execute("TRUNCATE events")
        with _table().appender("events") as appender:
            appender.append_rows(rows.rows(lines[start : start + size]))
        exported = _table().sql("SELECT * REPLACE (event_id::VARCHAR AS event_id) FROM events")
        exported.write_parquet(str(directory / segment_name(start + 1)))
    return data_dir
