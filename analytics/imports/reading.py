"""Sources by their format."""

import gzip
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Literal, TypeAlias, get_args

from analytics.imports import subtitles, tables
from analytics.imports.utterances import Broken, Utterance

SourceFormat: TypeAlias = Literal["jsonl", "csv", "vtt", "srt", "convokit"]
FORMATS: tuple[SourceFormat, ...] = get_args(SourceFormat)
Parsed: TypeAlias = Iterator[Utterance | Broken]

UTTERANCES = "utterances.jsonl"
"""Of a ConvoKit corpus, which is a directory."""


class Unreadable(Exception):
    """The source cannot be read at all; the message says why."""


def read(path: Path, form: SourceFormat, columns: Mapping[str, str] | None = None) -> Parsed:
    """The turns of a source and its broken lines, as they come.

    Args:
        path: A file, also one compressed by gzip; of a ConvoKit corpus, its directory.
        form: Its format.
        columns: What the fields `conversation_id`, `id`, `speaker`, `text`, `start` and `end` are
            called in a `csv` or `jsonl`.

    Raises:
        Unreadable: there is no such file, it is not UTF-8, or it lacks a column.
    """
    file_path = path / UTTERANCES if form == "convokit" and path.is_dir() else path
    name = path.name.removesuffix(".gz").partition(".")[0]
    try:
        with _opened(file_path) as lines:
            yield from _PARSERS[form](lines, name, columns or {})
    except OSError as error:
        raise Unreadable(f"cannot read {path}: {error.strerror or error}") from error
    except EOFError as error:
        raise Unreadable(f"cannot read {path}: it is cut short") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path} is not UTF-8: save it as that") from error
    except tables.NoSuchColumn as error:
        raise Unreadable(str(error)) from error


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


_PARSERS: Mapping[SourceFormat, Callable[[IO[str], str, Mapping[str, str]], Parsed]] = {
    "jsonl": tables.json_lines,
    "csv": tables.comma_separated,
    "convokit": tables.convokit,
    "vtt": subtitles.subtitles,
    "srt": subtitles.subtitles,
}
