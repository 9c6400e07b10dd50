import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.imports import Broken, SourceFormat, Unreadable, Utterance, read
from analytics.imports.utterances import identifier, moment


def parsed(
    folder: Path, lines: str, form: SourceFormat, **columns: str
) -> tuple[list[Utterance], list[tuple[int, str]]]:
    path = folder / f"talk.{form}"
    path.write_text(lines)
    found = list(read(path, form, columns))
    turns = [each for each in found if isinstance(each, Utterance)]
    return turns, [(each.line, each.why) for each in found if isinstance(each, Broken)]


def said(turns: list[Utterance]) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in turns]


def test_a_broken_json_line_is_told_by_its_number_and_the_rest_goes_in(tmp_path: Path) -> None:
    lines = [
        '{"conversation_id": "c", "speaker": "ann", "text": "Hello.", "start_s": 0.5, "end_s": 1}',
        '{"conversation_id": "c", "speaker": "ann", "te',
        "",
        '{"conversation_id": "c", "speaker": "", "text": "Who am I?"}',
        "[1]",
        '{"conversation_id": "c", "speaker": "bob", "text": "Late.", "start_s": 2, "end_s": 1}',
        '{"conversation_id": "c", "speaker": "bob", "text": "Soon.", "start_s": "soon"}',
        '{"conversation_id": "c", "speaker": "bob", "text": "Hi.", "id": "u7"}',
    ]
    turns, broken = parsed(tmp_path, "\n".join(lines), "jsonl")
    assert said(turns) == [("ann", "Hello."), ("bob", "Hi.")]
    assert [turn.turn_id for turn in turns] == ["line-1", "u7"]
    assert (turns[0].start, turns[0].end) == (0.5, 1.0)
    assert broken == [
        (2, "it is not JSON"),
        (4, "it has no speaker"),
        (5, "it is not a JSON object"),
        (6, "it ends before it starts"),
        (7, "'soon' is not a time: seconds, h:mm:ss or an ISO date are"),
    ]


def test_csv_with_columns_of_other_names(tmp_path: Path) -> None:
    text = 'who,what,when\nann,"Two, please",2026-03-01T12:00:00+02:00\nbob\nbob,"a\nb",\n'
    turns, broken = parsed(tmp_path, text, "csv", speaker="who", text="what", start="when")
    assert said(turns) == [("ann", "Two, please"), ("bob", "a\nb")]
    assert turns[0].start == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert turns[0].conversation_id == "talk"
    assert broken == [(3, "it has not the 3 fields of the header")]


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"speaker or .*; there is who, text: .*--map speaker="):
        parsed(tmp_path, "who,text\na,b\n", "csv")
    with pytest.raises(Unreadable, match="no column is called said; there is who, text"):
        parsed(tmp_path, "who,text\na,b\n", "csv", speaker="who", text="said")


def test_webvtt_with_voices(tmp_path: Path) -> None:
    text = (
        "WEBVTT - a talk\n\nNOTE nobody\n\nintro\n00:01.000 --> 00:02.500 align:start\n"
        "<v.loud Ann Lee>Hello <i>there</i> &amp; you\n\n00:02.500 --> 00:03.000\nand him.\n\n"
        "00:04.000 --> 00:05.000\n<v Bob>Hi.</v> <v Ann Lee>Oh!</v>\n\n00:0x --> 9\nNo.\n"
    )
    turns, broken = parsed(tmp_path, text, "vtt")
    assert said(turns) == [
        ("Ann Lee", "Hello there & you"),
        ("Ann Lee", "and him."),
        ("Bob", "Hi."),
        ("Ann Lee", "Oh!"),
    ]
    assert [turn.turn_id for turn in turns] == ["cue-6", "cue-9", "cue-12", "cue-12.1"]
    assert (turns[0].start, turns[0].end) == (1.0, 2.5)
    assert [line for line, _ in broken] == [15]


def test_srt_with_names_before_colons(tmp_path: Path) -> None:
    text = (
        "1\n00:00:01,000 --> 00:00:02,000\nnobody yet\n\n2\n00:00:01,000 --> 00:00:02,000\n"
        "- ANN: Well,\n  that: is it.\n- Bob Ray: At 10:30?\n\n3\nwithout times\n"
    )
    turns, broken = parsed(tmp_path, text, "srt")
    assert said(turns) == [("ANN", "Well,"), ("that", "is it."), ("Bob Ray", "At 10:30?")]
    assert broken == [(2, "it has no speaker"), (11, "it is a cue without times")]


def test_a_convokit_corpus_is_a_directory(tmp_path: Path) -> None:
    rows = [
        {"id": "u 1", "conversation_id": "c", "speaker": "ann", "text": "Hi.", "timestamp": None},
        {"id": "u2", "root": "c", "user": "bob", "text": "Ho.", "timestamp": 3, "reply-to": "u1"},
        {"id": "u3", "conversation_id": "c", "speaker": "ann", "text": None},
    ]
    (tmp_path / "utterances.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = list(read(tmp_path, "convokit"))
    turns = [each for each in found if isinstance(each, Utterance)]
    assert said(turns) == [("ann", "Hi."), ("bob", "Ho.")]
    assert {turn.conversation_id for turn in turns} == {"c"}
    assert turns[0].turn_id.startswith("u-1-")
    assert (turns[1].start, turns[1].end) == (3.0, None)
    assert found[2] == Broken(3, "it has no text")


def test_a_gzipped_file_is_read_and_a_bad_one_named(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"speaker": "ann", "text": "Hi."}\n'))
    (turn,) = read(path, "jsonl")
    assert isinstance(turn, Utterance)
    assert turn.conversation_id == "some"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(Unreadable, match="cut short"):
        list(read(path, "jsonl"))
    with pytest.raises(Unreadable, match="No such file"):
        list(read(tmp_path / "no.jsonl", "jsonl"))
    (tmp_path / "latin").write_bytes(b'{"speaker": "\xe9"}')
    with pytest.raises(Unreadable, match="UTF-8"):
        list(read(tmp_path / "latin", "jsonl"))


@pytest.mark.parametrize(
    ("told", "seconds"), [("00:20:57,256", 1257.256), ("01:02.5", 62.5), (3, 3.0), ("", None)]
)
def test_times_as_sources_write_them(told: object, seconds: float | None) -> None:
    assert moment(told) == (None if seconds is None else pytest.approx(seconds))


@given(st.text(max_size=300))
def test_any_name_becomes_an_identifier_and_the_same_one_again(name: str) -> None:
    made = identifier(name)
    assert made == identifier(name) == identifier(made)
    assert 1 <= len(made) <= 128


@given(st.text(max_size=200), st.sampled_from(["jsonl", "vtt", "srt", "convokit"]))
def test_no_source_is_too_strange(
    tmp_path_factory: pytest.TempPathFactory, text: str, form: SourceFormat
) -> None:
    path = tmp_path_factory.mktemp("strange") / "x"
    path.write_bytes(text.encode(errors="replace"))
    lines = text.count("\n") + text.count("\r") + 1
    for each in read(path, form):
        assert 1 <= each.line <= lines
