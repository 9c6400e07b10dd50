"""Threads before a turnstile: real ones, which wait for each other and not for time."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from actors.engines.scripted import Act, ScriptedEngine
from actors.synthesis.turnstile import Dismissed, Turnstile
from actors.synthesis.worker import SynthesisWorker
from events.direction import Phrase
from tests.fakes.clock import Clock

SOON_S = 20.0


class Scene:
    """One is inside until `leave`; others come and wait."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self.clock = Clock()
        self.turnstile = Turnstile(1, self.clock)
        self.passed: list[int] = []
        self._threads = threads
        self._leave = Event()
        inside = Event()
        self.first = threads.submit(self._stay, inside)
        assert inside.wait(SOON_S)

    def comes(self, who: int, deadline: float) -> "Future[None]":
        coming = self._threads.submit(self._pass, who, deadline)
        while who not in self.turnstile._outside:
            assert not coming.done()
        return coming

    def leave(self) -> None:
        self._leave.set()
        self.first.result(SOON_S)

    def _stay(self, inside: Event) -> None:
        with self.turnstile.turn(0, 0.0):
            inside.set()
            assert self._leave.wait(SOON_S)

    def _pass(self, who: int, deadline: float) -> None:
        with self.turnstile.turn(who, deadline):
            self.passed.append(who)


def test_the_most_urgent_passes_next() -> None:
    with ThreadPoolExecutor(4) as threads:
        scene = Scene(threads)
        coming = [scene.comes(who, deadline) for who, deadline in ((1, 5.0), (2, 1.0), (3, 3.0))]
        scene.leave()
        for each in coming:
            each.result(SOON_S)
    assert scene.passed == [2, 3, 1]


def test_who_is_dismissed_goes_away_and_who_is_inside_stays() -> None:
    with ThreadPoolExecutor(4) as threads:
        scene = Scene(threads)
        waiting = scene.comes(1, 1.0)
        scene.turnstile.dismiss(0)
        scene.turnstile.dismiss(1)
        with pytest.raises(Dismissed):
            waiting.result(SOON_S)
        last = scene.comes(2, 2.0)
        scene.leave()
        last.result(SOON_S)
    assert scene.passed == [2]


def test_it_tells_for_how_long_somebody_has_been_inside() -> None:
    with ThreadPoolExecutor(4) as threads:
        scene = Scene(threads)
        scene.clock.advance(3.0)
        assert scene.turnstile.inside_s() == {0: 3.0}
        scene.leave()
    assert scene.turnstile.inside_s() == {}


def test_a_worker_makes_the_piece_that_is_wanted_first_and_a_cancelled_phrase_waits_no_more() -> (
    None
):
    made, going = Event(), Event()

    def sleep(seconds: float) -> None:
        if seconds:
            made.set()
            assert going.wait(SOON_S)

    worker = SynthesisWorker(ScriptedEngine([Act(delay_s=1.0)], sleep=sleep))
    text = "a sentence of some length, to be cut into more than two pieces"
    with ThreadPoolExecutor(2) as threads:
        held = threads.submit(list, worker.synthesise(1, Phrase(text=text), "af_heart"))
        assert made.wait(SOON_S)
        waiting = threads.submit(list, worker.synthesise(2, Phrase(text=text), "af_heart"))
        while 2 not in worker.speaking:
            assert not waiting.done()
        worker.cancel(2)
        assert waiting.result(SOON_S) == []
        assert not held.done()
        going.set()
        assert held.result(SOON_S)
    assert worker.speaking == {}


def test_a_piece_tells_what_it_took_and_the_next_what_handing_it_over_took() -> None:
    clock = Clock()
    worker = SynthesisWorker(ScriptedEngine([Act(delay_s=0.5)], sleep=clock.advance), clock=clock)
    worked_s = []
    for sound in worker.synthesise(1, Phrase(text="a sentence of two pieces"), "af_heart"):
        worked_s.append(sound.worked_s)
        clock.advance(0.25)
    assert len(worked_s) > 1
    assert worked_s[0] == 0.5
    assert all(took == 0.25 for took in worked_s[1:])
