from hypothesis import given
from hypothesis import strategies as st

from gateway.live.pace import Pace
from tests.fakes.clock import Clock

FRAMES = st.lists(st.tuples(st.floats(0.02, 0.1), st.floats(0.0, 0.3)), min_size=1, max_size=60)
"""How long each lasts, and how long the one after it takes to be made."""


def test_sound_leaves_as_soon_as_it_is_there_where_nothing_is_asked() -> None:
    pace = Pace(None, Clock())
    for _ in range(100):
        assert pace.wait_s == 0.0
        pace.sent(10.0)


@given(FRAMES, st.floats(0.1, 2.0))
def test_no_more_than_was_asked_waits_to_be_played(
    frames: list[tuple[float, float]], ahead_s: float
) -> None:
    clock = Clock()
    pace = Pace(ahead_s, clock)
    plays_until = 0.0
    for sound_s, made_in_s in frames:
        clock.advance(pace.wait_s)
        assert plays_until - clock() <= ahead_s + 1e-9
        pace.sent(sound_s)
        plays_until = max(clock(), plays_until) + sound_s
        clock.advance(made_in_s)


@given(FRAMES, st.floats(0.1, 2.0))
def test_nobody_waits_who_has_less_in_hand(
    frames: list[tuple[float, float]], ahead_s: float
) -> None:
    clock = Clock()
    pace = Pace(ahead_s, clock)
    plays_until = 0.0
    for sound_s, made_in_s in frames:
        if plays_until - clock() <= ahead_s:
            assert pace.wait_s == 0.0
        clock.advance(pace.wait_s)
        pace.sent(sound_s)
        plays_until = max(clock(), plays_until) + sound_s
        clock.advance(made_in_s)
