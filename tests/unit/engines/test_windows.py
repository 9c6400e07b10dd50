from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from actors.engines.kokoro_graph.windows import GENERATOR_CONTEXT, PRE_CONTEXT, Schedule

schedules = st.builds(
    Schedule,
    first_s=st.floats(0.01, 1),
    growth=st.floats(1, 4),
    longest_s=st.floats(0.3, 5),
)


@given(schedules, st.integers(1, 800))
def test_windows_follow_each_other_from_the_first_to_the_last(
    schedule: Schedule, frames: int
) -> None:
    windows = list(schedule.windows(frames))
    assert (windows[0].start, windows[-1].stop) == (0, 2 * frames)
    assert all(one.stop == other.start for one, other in pairwise(windows))
    assert all(window.start < window.stop for window in windows)


@given(schedules, st.integers(1, 800))
def test_windows_have_their_context_wherever_the_sentence_has_it(
    schedule: Schedule, frames: int
) -> None:
    for window in schedule.windows(frames):
        first, last = window.features.start, window.features.stop
        assert first == 0 or window.start - first >= GENERATOR_CONTEXT
        assert last == 2 * frames or last - window.stop >= GENERATOR_CONTEXT
        assert window.spoken.start == 0 or first - 2 * window.spoken.start >= 2 * PRE_CONTEXT
        assert window.spoken.stop == frames or 2 * window.spoken.stop - last >= 2 * PRE_CONTEXT


@given(schedules, st.integers(1, 800))
def test_a_window_is_found_again_in_what_was_made_around_it(
    schedule: Schedule, frames: int
) -> None:
    for window in schedule.windows(frames):
        halves = range(2 * window.spoken.start, 2 * window.spoken.stop)
        features = halves[window.within_spoken]
        assert features == range(window.features.start, window.features.stop)
        samples = range(300 * features.start, 300 * features.stop)
        assert samples[window.within_samples] == range(300 * window.start, 300 * window.stop)


def test_windows_grow_until_they_are_as_long_as_they_may_be() -> None:
    schedule = Schedule(first_s=0.4, growth=2, longest_s=3.2)
    lengths = [(each.stop - each.start) / 80 for each in schedule.windows(600)]
    assert lengths == [0.4, 0.8, 1.6, 3.2, 3.2, 3.2, 2.6]


def test_a_rest_that_is_mostly_context_is_part_of_the_window_before() -> None:
    stops = [each.stop for each in Schedule(first_s=0.4, growth=1).windows(16 + 16 + 9)]
    assert stops == [32, 82]


@given(st.floats(0, 600), st.floats(0, 600))
def test_the_more_sound_comes_before_the_longer_is_the_first_window(
    one: float, more: float
) -> None:
    first, longer = (Schedule.after(sound).first_s for sound in sorted((one, more)))
    assert Schedule().first_s <= first <= longer <= Schedule().longest_s


@given(st.floats(0, 600))
def test_a_first_window_is_heard_before_the_sound_that_comes_before_has_ended(sound: float) -> None:
    made_per_second = 2.0  # of sound, by one thread
    left = sound - sound / made_per_second
    first = Schedule.after(sound).first_s
    assert first == Schedule().first_s or first / made_per_second <= left


@given(st.integers(1, 800))
def test_only_the_beginning_of_a_turn_is_awaited(frames: int) -> None:
    windows = list(Schedule.after(0).windows(frames))
    assert [window.awaited for window in windows] == [number < 2 for number in range(len(windows))]
    assert frames <= 34 or not any(window.awaited for window in Schedule.after(5).windows(frames))


@given(schedules, st.integers(1, 800), st.integers(0, 400), st.integers(1, 400))
def test_no_window_is_made_of_what_is_not_wanted(
    schedule: Schedule, frames: int, begin: int, half_frames: int
) -> None:
    begin = min(begin, 2 * frames - 1)
    end = begin + half_frames
    windows = list(replace(schedule, begin=begin, end=end).windows(frames))
    assert (windows[0].start, windows[-1].stop) == (begin, min(end, 2 * frames))
    assert all(one.stop == other.start for one, other in pairwise(windows))
    assert replace(schedule, begin=begin, end=end).samples == slice(300 * begin, 300 * end)


@given(st.integers(1, 800))
def test_the_next_window_is_there_when_the_last_was_heard(frames: int) -> None:
    # A window as the full-size model takes it on one core, and on two where it is awaited.
    ready_s = heard_s = 0.0
    for window in Schedule.after(0).windows(frames):
        sound_s = (window.stop - window.start) / 80
        ready_s += 0.08 + 0.3 * sound_s if window.awaited else 0.1 + 0.43 * sound_s
        heard_s = heard_s or ready_s  # who listens begins with the first
        assert ready_s <= heard_s
        heard_s += sound_s
