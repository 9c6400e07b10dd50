"""The one table: every refusal has its status, its field and its sentence."""

import pickle

import pytest

from actors import refusals
from actors.archive import ArchiveUnavailable, AudioMissing
from actors.directory import ProcessDied
from actors.engines.base import EngineError
from actors.journal import JournalUnreachable
from actors.refusals import Busy, Refused
from actors.synthesis.stage import WorkerDied
from events.log import LogUnavailable, StaleEpoch
from gateway.errors import STATUS, Problem, answer_to

KINDS = [
    kind
    for kind in vars(refusals).values()
    if isinstance(kind, type) and issubclass(kind, Refused) and kind is not Refused
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_is_in_the_table(kind: type[Refused]) -> None:
    status, told, _ = answer_to(kind("3", "2"))
    assert status == STATUS[kind]
    error = told["error"]
    assert (error["code"], error["param"]) == (kind.code, kind.param)
    assert "{" not in error["message"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_travels_between_processes(kind: type[Refused]) -> None:
    there = kind("3", "2")
    here = pickle.loads(pickle.dumps(there))  # noqa: S301
    assert type(here) is kind
    assert str(here) == str(there)


def test_codes_are_told_apart() -> None:
    codes = [kind.code for kind in KINDS]
    shared = {"conversation_not_found"}  # no such conversation, and not started by then
    assert {code for code in codes if codes.count(code) > 1} == shared


@pytest.mark.parametrize(
    "error",
    [
        LogUnavailable("/secret/path"),
        StaleEpoch("c", 1, taken=True),
        JournalUnreachable("x"),
        ProcessDied("x"),
        WorkerDied("x"),
        EngineError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_passes_is_to_be_asked_again(error: Exception) -> None:
    status, told, headers = answer_to(error)
    assert (status, told["error"]["type"]) == (503, "server_error")
    assert headers == {"Retry-After": "1"}
    assert "secret" not in told["error"]["message"]


def test_the_busy_say_for_how_long() -> None:
    status, told, headers = answer_to(Busy(12))
    assert (status, headers) == (429, {"Retry-After": "12"})
    assert told["error"]["type"] == "rate_limit_error"
    assert "12 seconds" in told["error"]["message"]


def test_lost_audio_is_not_found() -> None:
    status, told, _ = answer_to(AudioMissing("0" * 64))
    assert (status, told["error"]["code"]) == (404, "audio_not_found")


def test_a_disk_that_refuses_is_named_and_asked_again() -> None:
    status, told, headers = answer_to(ArchiveUnavailable("read", "Input/output error"))
    assert (status, told["error"]["code"], headers) == (503, "unavailable", {"Retry-After": "1"})
    for said in ("cannot be read", "Input/output error", "nothing that was recorded is lost"):
        assert said in told["error"]["message"]


def test_a_problem_says_itself_what_it_is() -> None:
    status, told, _ = answer_to(Problem(418, "no coffee", code="teapot", param="cup"))
    assert (status, told["error"]["message"], told["error"]["param"]) == (418, "no coffee", "cup")


def test_the_unexpected_is_told_without_its_message() -> None:
    status, told, _ = answer_to(KeyError("a word that somebody spoke"))
    assert status == 500
    assert "somebody" not in str(told)
