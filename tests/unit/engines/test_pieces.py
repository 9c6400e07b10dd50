from hypothesis import given
from hypothesis import strategies as st

from actors.engines.base import SAMPLE_RATE, Sound
from actors.engines.pieces import FIRST_PIECE, PIECE, cut, silence
from events.turns import WordTime

PARTS = st.lists(st.integers(min_value=0, max_value=3 * PIECE), max_size=5)


def sounds(lengths: list[int]) -> list[Sound]:
    return [Sound(bytes([index + 1]) * (2 * length)) for index, length in enumerate(lengths)]


@given(lengths=PARTS, pause=st.integers(min_value=0, max_value=3 * PIECE))
def test_cutting_loses_nothing_and_appends_the_pause_exactly(
    lengths: list[int], pause: int
) -> None:
    parts = sounds(lengths)
    pieces = list(cut(parts, pause / SAMPLE_RATE))
    whole = b"".join(part.pcm for part in parts) + bytes(2 * pause)
    assert b"".join(piece.pcm for piece in pieces) == whole
    sizes = [len(piece.pcm) // 2 for piece in pieces]
    assert sizes[:-1] == ([FIRST_PIECE] + [PIECE] * len(sizes))[: max(len(sizes) - 1, 0)]
    assert all(0 < size <= PIECE for size in sizes)


@given(starts=st.lists(st.floats(min_value=0, max_value=1), max_size=8).map(sorted))
def test_no_word_is_lost_or_early(starts: list[float]) -> None:
    words = tuple(WordTime(word="a", start_s=start, end_s=start) for start in starts)
    pieces = list(cut([Sound(bytes(2 * SAMPLE_RATE), words)], 0))
    assert tuple(word for piece in pieces for word in piece.words) == words
    ends = [0.1 + 0.2 * index for index in range(len(pieces))]
    for piece, end in zip(pieces[:-1], ends, strict=False):
        assert all(word.start_s <= end for word in piece.words)


def test_the_next_part_is_not_asked_for_before_its_time() -> None:
    asked = []

    def parts() -> object:
        for index in range(3):
            asked.append(index)
            yield Sound(bytes(2 * SAMPLE_RATE))

    pieces = cut(parts(), 0)
    next(pieces)
    assert asked == [0]


def test_a_negative_pause_is_none() -> None:
    assert list(silence(-1)) == []
