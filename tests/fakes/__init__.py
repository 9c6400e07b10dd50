"""Small honest implementations of the ports, all in one process."""

from tests.fakes.audio import FakeAudio
from tests.fakes.clock import Clock, ids
from tests.fakes.journal import LocalJournal
from tests.fakes.process import LocalProcess
from tests.fakes.stage import LocalStage, Take
from tests.fakes.system import LocalSystem

__all__ = [
    "Clock",
    "FakeAudio",
    "LocalJournal",
    "LocalProcess",
    "LocalStage",
    "LocalSystem",
    "Take",
    "ids",
]
