"""Meetings to ask: made up, with ties and overlaps, or real ones, and what a reader made of them.

`TEST_MEETINGS` may name a file of real ones: a JSON object a line, gzipped, with
conversation_id, speaker, start_s, end_s, text and act. The tests were first run on meetings of the
ICSI corpus (MRDA: Janin et al. 2003; Shriberg et al. 2004; CC BY 4.0).
"""

import gzip
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

from events.envelope import Recorded

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACTS = (
    "s",
    "s^aa",
    "b",
    "b",
    "qy^rt",
    "qw",
    "s^bk|s",
    "fh",
    "fg|s",
    "s^cs",
    "%-",
    None,
    "statement",
)
TEXTS = (
    "well I think that it is there .",
    "uh-huh .",
    "yeah .",
    "do you have the one that we used ?",
    "and so all of them , right ?",
    "okay , okay",
    "mm-hmm",
    "no",
    "not really , it would just be more of a problem for us to do it again",
)
EMOTIONS = ("neutral", "joy", "sadness", "anger", "fear", "surprise", "disgust")


@dataclass
class Said:
    """A turn, as it was told or spoken."""

    speaker: str
    start_ms: int
    end_ms: int
    text: str
    act: str | None = None
    more: dict[str, Any] = field(default_factory=dict)
    """Affect, topic and features, as an event carries them."""
    spoken: dict[str, Any] | None = None
    """Of a turn that we spoke: voice, phrases, timings, an interruption."""


def made_up(seed: int, turns: int = 120, speakers: int = 4) -> list[Said]:
    """A meeting on a grid of 100 ms, so that much begins and ends at once."""
    draw = Random(seed)  # noqa: S311
    said, now = [], 0
    free = dict.fromkeys("abcdefgh"[:speakers], 0)
    for _ in range(turns):
        speaker = draw.choice(list(free))
        now = max(
            0, now + draw.choice([-900, -600, -300, -100, 0, 0, 100, 200, 300, 400, 900, 5000])
        )
        start = max(now, free[speaker]) if draw.random() < 0.9 else now
        end = start + draw.choice([0, 100, 300, 500, 900, 1000, 1100, 2000, 4000])
        free[speaker] = now = end
        said.append(Said(speaker, start, end, draw.choice(TEXTS), draw.choice(ACTS)))
    return read(said, seed)


def real() -> dict[str, list[Said]]:
    """The meetings of `TEST_MEETINGS`; none if it is not set."""
    path = os.environ.get("TEST_MEETINGS")
    if not path:
        return {}
    with gzip.open(Path(path), "rt") as file:
        lines = [json.loads(line) for line in file]
    return {
        name: read([_said(line) for line in each], seed)
        for seed, (name, each) in enumerate(
            groupby(lines, key=lambda line: line["conversation_id"])
        )
    }


def _said(line: dict[str, Any]) -> Said:
    start, end = round(line["start_s"] * 1000), round(line["end_s"] * 1000)
    return Said(line["speaker"], start, end, line["text"], line["act"] or None)


def read(said: list[Said], seed: int) -> list[Said]:
    """The same with what readers might have found, and with some turns that we spoke ourselves."""
    draw = Random(seed)  # noqa: S311
    topic = 0
    for turn in said:
        topic = draw.randrange(4) if draw.random() < 0.08 else topic
        turn.more = _found(draw, topic)
        if turn.end_ms > turn.start_ms and draw.random() < 0.3:
            turn.spoken = _spoken(draw, turn)
    return said


def _found(draw: Random, topic: int) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if draw.random() < 0.9:
        valence, arousal = round(draw.uniform(-1, 1), 3), round(draw.uniform(-1, 1), 2)
        category, sure = draw.choice(EMOTIONS), draw.random()
        more["affect"] = {
            "valence": valence, "arousal": arousal, "category": category, "confidence": sure
        }  # fmt: skip
    if draw.random() < 0.8:
        label = f"topic {topic}"
        more["topic"] = draw.choice([label, {"id": label}, {"label": label}])
    if draw.random() < 0.8:
        more["features"] = {
            "f0_median_hz": draw.uniform(80, 300),
            "f0_range_st": draw.uniform(1, 12),
            "f0_final_slope": draw.uniform(-6, 6),
            "loudness_lufs": draw.uniform(-40, -15),
            "rate_syll_s": draw.uniform(2, 7),
            "pauses_s": draw.uniform(0, 1),
        }
    return more


def _spoken(draw: Random, turn: Said) -> dict[str, Any]:
    begun, first = draw.randrange(1, 20), draw.randrange(20, 200)
    words = turn.text.split()
    cut = draw.randrange(len(words) + 1) if draw.random() < 0.2 else None
    return {
        "voice": draw.choice(["af_bella", "am_adam"]),
        "phrases": [
            {
                "text": half,
                "speed": draw.uniform(0.8, 1.2),
                "pitch": draw.uniform(-2, 2),
                "pitch_range": draw.uniform(0.5, 1.5),
                "final": draw.choice([None, -4.0, 5.0]),
                "loudness": draw.uniform(-3, 3),
                "pause_after_s": draw.uniform(0, 0.5),
            }
            for half in (turn.text[:5], turn.text[5:])
            if half
        ],
        "begun_ms": begun,
        "first_audio_ms": first,
        "synthesised_ms": first + draw.randrange(50, 900),
        "cut": cut,
        "cause": draw.choice(["barge_in", "listener_left"]),
    }


def lines(meetings: dict[str, list[Said]]) -> list[Recorded]:
    """The events of the meetings, one meeting after another, as they lie in the log."""
    told: list[Recorded] = []
    for name, said in meetings.items():
        facts = [("started", {"metadata": {"kind": name[:1]}})]
        for number, turn in enumerate(said, start=1):
            facts += _facts(number, turn)
        if len(said) % 2:
            facts.append(("ended", {}))
        told += [
            _line(len(told) + version, name, version, kind, {"type": kind, **data})
            for version, (kind, data) in enumerate(facts, start=1)
        ]
    return told


def at(ms: float) -> str:
    return (NOON + timedelta(milliseconds=ms)).isoformat()


def _facts(number: int, turn: Said) -> list[tuple[str, dict[str, Any]]]:
    opening = {
        "turn": number, "turn_id": f"t{number}", "speaker_id": turn.speaker, "text": turn.text,
        **({"act": turn.act} if turn.act else {}),
    }  # fmt: skip
    how = turn.spoken
    if how is None:
        times = {"heard_at": at(0), "started_at": at(turn.start_ms), "ended_at": at(turn.end_ms)}
        return [("turn_heard", opening | times | turn.more)]
    features = {"features": turn.more["features"]} if "features" in turn.more else {}
    more = {key: value for key, value in turn.more.items() if key != "features"}
    direction = {"voice": how["voice"], "phrases": how["phrases"]}
    begun = opening | more | {
        "direction": direction, "engine": "kokoro",
        "begun_at": at(turn.start_ms - how["first_audio_ms"]),
    }  # fmt: skip
    timings = {key: how[key] for key in ("begun_ms", "first_audio_ms", "synthesised_ms")}
    length = turn.end_ms - turn.start_ms
    done = {
        "turn_id": f"t{number}", "audio": "sha256-x", "duration_s": length / 1000,
        "timings": timings, **features,
    }  # fmt: skip
    facts = [("turn_begun", begun), ("turn_completed", done)]
    if how["cut"] is not None:
        words = turn.text.split()
        cut = {
            "turn_id": f"t{number}", "audio_played_ms": length, "cause": how["cause"], "by": "zoe",
            "heard_text": " ".join(words[: how["cut"]]),
            "unheard_text": " ".join(words[how["cut"] :]),
        }  # fmt: skip
        facts.append(("turn_interrupted", cut))
    return facts


def _line(position: int, name: str, version: int, kind: str, data: dict[str, Any]) -> Recorded:
    return Recorded(
        position=position,
        conversation_id=name,
        version=version,
        event_id=f"00000000-0000-7000-8000-{position:012d}",
        type=kind,
        schema_version=1,
        epoch=2**32 + 1,
        command_id=f"command-{position}",
        recorded_at=NOON + timedelta(seconds=position),
        chain=position.to_bytes(32, "big"),
        data=json.dumps(data),
    )
