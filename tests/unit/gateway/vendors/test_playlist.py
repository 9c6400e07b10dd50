"""What can have been heard of what was sent."""

from hypothesis import given
from hypothesis import strategies as st

from actors.commands import Part
from gateway.vendors import playlist
from gateway.vendors.playlist import HeardUntil, Playlist
from tests.fakes import Clock

SECONDS = st.floats(0.02, 5)
TURNS = st.sampled_from(["a", "b", "c"])


def test_turns_are_played_one_after_the_other() -> None:
    clock = Clock()
    heard = Playlist(clock)
    heard.add("a", 2)
    heard.add("b", 3)
    clock.advance(2.5)
    assert (heard.played_s("a"), heard.played_s("b")) == (2, 0.5)
    assert heard.waiting_s("b") == 2.5
    clock.advance(60)
    assert heard.waiting_s("b") == 0


def test_who_has_nothing_to_play_waits() -> None:
    clock = Clock()
    heard = Playlist(clock)
    heard.add("a", 1)
    clock.advance(10)
    heard.add("a", 1)
    clock.advance(0.25)
    assert heard.played_s("a") == 1.25


def test_what_is_dropped_is_not_waited_for() -> None:
    clock = Clock()
    heard = Playlist(clock)
    heard.add("a", 4)
    heard.add("b", 4)
    clock.advance(1)
    heard.drop("a")
    assert (heard.played_s("a"), heard.waiting_s("a")) == (1, 0)
    clock.advance(1)
    assert heard.played_s("b") == 1


@given(st.lists(st.tuples(TURNS, SECONDS, SECONDS), max_size=30))
def test_nobody_hears_more_than_was_sent_or_faster_than_it_sounds(
    sent: list[tuple[str, float, float]],
) -> None:
    clock = Clock()
    heard = Playlist(clock)
    so_far = 0.0
    for turn, seconds, pause in sent:
        heard.add(turn, seconds)
        clock.advance(pause)
        played = sum(heard.played_s(name) for name in "abc")
        assert so_far - 1e-9 <= played <= min(so_far + pause, sum(s for _, s, _ in sent)) + 1e-9
        so_far = played
        for name in "abc":
            assert heard.played_s(name) >= 0
            assert heard.waiting_s(name) >= -1e-9
    clock.advance(1000)
    for name in "abc":
        assert abs(heard.played_s(name) - sum(s for n, s, _ in sent if n == name)) < 1e-6


def test_only_so_many_turns_are_remembered() -> None:
    heard = Playlist(Clock())
    for number in range(3 * playlist.MOST_REMEMBERED):
        heard.add(str(number), 1)
    assert heard.waiting_s("0") == 0
    assert heard.waiting_s(str(3 * playlist.MOST_REMEMBERED - 1)) == 1


class Told:
    def __init__(self) -> None:
        self.gone: list[tuple[Part, float | None]] = []

    def leave(self, _: str, gone: Part, within_s: float | None = None) -> None:
        self.gone.append((gone, within_s))


def test_who_leaves_heard_what_can_have_been_played_and_does_not_come_back() -> None:
    clock, told = Clock(), Told()
    heard = Playlist(clock)
    heard.add("a", 4)
    clock.advance(1.5)
    departures = HeardUntil(told, heard)  # type: ignore[arg-type]
    departures.leave("c", Part("a", "listener", 4000, False))
    departures.leave("c", Part("a", "listener", 1000, False))
    assert [(gone.delivered_ms, within) for gone, within in told.gone] == [(1500, 0), (1000, 0)]
