"""What is said on a live connection, and the frames of its sound."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Problem
from gateway.live import frames, messages
from gateway.live.frames import LONGEST, SHORTEST, Frame, Framer, decoded, encoded
from gateway.live.messages import Ping, TurnBegin, TurnText, read

PIECES = st.lists(st.integers(0, 3 * LONGEST).map(lambda samples: bytes(range(2)) * samples))
DOCS = Path("docs/live.md").read_text("utf-8")


@given(st.from_regex(r"[A-Za-z0-9._:~@+-]{1,128}", fullmatch=True), st.integers(0, 2**32 - 1))
def test_a_frame_is_read_as_it_was_written(turn_id: str, sample: int) -> None:
    frame = Frame(turn_id, sample, b"\1\0" * 480)
    assert decoded(encoded(frame)) == frame


@pytest.mark.parametrize("data", [b"", b"\1\0\0", b"\2" * 20])
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no frame"):
        decoded(data)


@given(PIECES, st.integers(0, 10_000))
def test_frames_are_the_sound_in_order_and_of_bounded_length(
    pieces: list[bytes], begin: int
) -> None:
    framer = Framer("t", begin)
    cut = [frame for piece in pieces for frame in framer.add(piece)] + list(framer.flush())
    assert b"".join(frame.pcm for frame in cut) == b"".join(pieces)
    lengths = [len(frame.pcm) // 2 for frame in cut]
    assert [frame.sample for frame in cut] == [
        begin + sum(lengths[:place]) for place in range(len(cut))
    ]
    assert all(length <= LONGEST for length in lengths)
    assert all(length >= SHORTEST for length in lengths[:-1])


def test_the_example_of_the_documentation_reads_frames() -> None:
    code = DOCS.split("```python")[2].partition("```")[0]
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102 - it is ours
    reader = names["read"]
    assert callable(reader)
    assert reader(encoded(Frame("turn-7", 4800, b"\1\0"))) == ("turn-7", 4800, b"\1\0")


def test_every_message_is_documented() -> None:
    assert all(f"`{kind}`" in DOCS for kind in messages.TYPES)
    assert f"{round(frames.LONGEST / 24)} ms" in DOCS


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"type": "ping"}, Ping()),
        ({"type": "turn.text", "turn_id": "t", "text": " a"}, TurnText(turn_id="t", text=" a")),
        (
            {"type": "turn.begin", "turn_id": "t", "speaker_id": "ann", "later": 1},
            TurnBegin(turn_id="t", speaker_id="ann"),
        ),
    ],
)
def test_a_message_is_read(said: object, message: object) -> None:
    assert read(json.dumps(said)) == message


@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_whatever_is_no_message_is_a_problem(said: str) -> None:
    with pytest.raises(Problem) as refused:
        read(said)
    assert refused.value.status == 400
    assert "nothing was done" in refused.value.message
