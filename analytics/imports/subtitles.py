"""WebVTT and SubRip, where the speakers are named: `<v Ann>Hello` or `ANN: Hello`.

https://www.w3.org/TR/webvtt1/ says what a cue is; SubRip differs in the decimal mark. A cue that
names nobody goes on with whoever spoke in the one before.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from analytics.imports.utterances import Broken, Utterance, Wrong, utterance

Parsed: TypeAlias = Iterator[Utterance | Broken]
Block: TypeAlias = list[tuple[int, str]]

_ARROW = re.compile(r"\s*(\S+)\s*-->\s*(\S+)(?:\s.*)?")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_NAMED = re.compile(r"^\s*[-–]?\s*([^\W\d_][\w .'’()-]{0,60}?)\s*:\s+(?=\S)")
_TAG = re.compile(r"</?[^>]*>")
_NOT_CUES = ("WEBVTT", "NOTE", "STYLE", "REGION")


def subtitles(lines: Iterable[str], name: str, _: Mapping[str, str]) -> Parsed:
    """A turn for each cue or, where several speak in one, for each voice in it."""
    speaker: str | None = None
    for block in _blocks(lines):
        times = next((n for n, (_, text) in enumerate(block) if "-->" in text), None)
        if times is None:
            if not block[0][1].startswith(_NOT_CUES):
                yield Broken(block[0][0], "it is a cue without times")
            continue
        number, line = block[times]
        found = _ARROW.fullmatch(line)
        if found is None:
            yield Broken(number, "its times are not written as 00:00:01.000 --> 00:00:02.000")
            continue
        for part, (voice, text) in enumerate(_voices([text for _, text in block[times + 1 :]])):
            speaker = voice or speaker
            fields = {
                "speaker": speaker,
                "text": text,
                "start": found[1],
                "end": found[2],
                "id": f"cue-{number}" if part == 0 else f"cue-{number}.{part}",
            }
            try:
                yield utterance(number, fields, conversation_id=name)
            except Wrong as wrong:
                yield Broken(number, str(wrong))


def _blocks(lines: Iterable[str]) -> Iterator[Block]:
    """What lies between empty lines, with the numbers of the lines."""
    block: Block = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            block.append((number, line.rstrip("\r\n")))
        elif block:
            yield block
            block = []
    if block:
        yield block


def _voices(lines: list[str]) -> list[tuple[str | None, str]]:
    """Who says what in a cue; None where it is not said who."""
    text = "\n".join(lines)
    if _VOICE.search(text):
        before, *voices = _VOICE.split(text)
        said = [(None, before)] if _plain(before) else []
        said += zip(voices[::2], voices[1::2], strict=True)  # type: ignore[arg-type]
        return [(who and html.unescape(who).strip(), _plain(words)) for who, words in said]
    found: list[tuple[str | None, list[str]]] = []
    for line in map(_plain, lines):
        named = _NAMED.match(line)
        if named or not found:
            found.append((named[1].strip() if named else None, []))
        found[-1][1].append(line[named.end() :] if named else line)
    return [(who, " ".join(words)) for who, words in found]


def _plain(text: str) -> str:
    """Without tags, in one line."""
    return " ".join(html.unescape(_TAG.sub("", text)).split())
