"""Which part of something whole is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from gateway.ranges import Unsatisfiable, asked_for

TAG = '"the-same"'


def asked(header: str, size: int = 10, **more: str) -> range | None:
    return asked_for(Headers({"range": header, **more}), size, TAG)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-", range(10)),
        ("bytes=0-0", range(1)),
        ("bytes=3-5", range(3, 6)),
        ("bytes=9-9", range(9, 10)),
        ("bytes=3-99999999999999999999", range(3, 10)),
        ("bytes=-4", range(6, 10)),
        ("bytes=-40", range(10)),
        ("Bytes= 3-5 ", range(3, 6)),
    ],
)
def test_a_part_is_understood(header: str, part: range) -> None:
    assert asked(header) == part


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-3",
        "bytes=a-b",
        "lines=1-2",
        "bytes=" + "9" * 5000 + "-",
        "bytes=0-1,4-5",
    ],
)
def test_what_is_not_one_part_is_the_whole(header: str) -> None:
    assert asked(header) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=11-12", "bytes=-0"])
def test_there_is_nothing_behind_the_end(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        asked(header)


def test_of_nothing_there_is_no_part() -> None:
    for header in ("bytes=0-", "bytes=-1"):
        with pytest.raises(Unsatisfiable):
            asked(header, size=0)


@pytest.mark.parametrize(
    ("tag", "part"), [(TAG, range(3, 6)), ('"another"', None), ("W/" + TAG, None)]
)
def test_of_what_has_changed_all_is_given(tag: str, part: range | None) -> None:
    assert asked("bytes=3-5", **{"if-range": tag}) == part


@given(st.text(), st.integers(0, 1000))
def test_whatever_is_asked_for_the_part_is_there(header: str, size: int) -> None:
    try:
        part = asked_for(Headers(raw=[(b"range", header.encode())]), size, TAG)
    except Unsatisfiable:
        return
    assert part is None or 0 <= part.start < part.stop <= size
