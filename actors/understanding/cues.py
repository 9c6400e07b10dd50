"""Signs of affect in a line of dialogue: marks, forms, and what words do together.

Chosen by hand for talk in general; what each is worth is in `worths`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from actors.understanding.openings import Index, openings
from actors.understanding.wording import PHRASES


@dataclass(frozen=True, slots=True)
class Cue:
    name: str
    pattern: re.Pattern[str]
    """Of a text in lower case, unless `cased`."""
    marks: str = ""
    """One of which, apart by spaces, has to be there; none where anything will do."""
    cased: bool = False
    begins: frozenset[str] = frozenset()
    """As from `openings`, where it is a pattern of words, which matches where one begins."""
    opens: bool = False
    """Whether it can only be the first word that begins it."""
    most: int = 1
    """Occurrences that count."""


def _mark(name: str, pattern: str, marks: str = "", *, cased: bool = False) -> Cue:
    return Cue(name, re.compile(pattern, re.DOTALL), marks, cased)


def _words(name: str, words: str, most: int = 1) -> Cue:
    pattern = re.compile(rf"(?:{words})(?![\w'])")
    return Cue(name, pattern, begins=openings(words), most=most)


def _opening(name: str, words: str, end: str = r"(?![\w'])") -> Cue:
    return Cue(name, re.compile(rf"(?:{words}){end}"), begins=openings(words), opens=True)


MARKS = (
    _mark("exclamation", "!", "!"),
    _mark("exclamations", "!.*!", "!"),
    _mark("three exclamations", "!.*!.*!", "!"),
    _mark("ends in an exclamation", r"!\W*$", "!"),
    _mark("question", r"\?", "?"),
    _mark("questions", r"\?.*\?", "?"),
    _mark("ends in a question", r"\?\W*$", "?"),
    _mark("incredulous", r"\?!|!\?", "?"),
    _mark("capitals", r"\b[A-Z]{2,}[A-Z']*\b", cased=True),
    _mark("drawn out", r"([a-z])\1\1"),
    _mark("trails off", r"…|\.\.\.", "… ..."),
    _mark("stammers", r"[—–]|--|\b(\w+)-\1\b", "— – -"),
    _mark("repeats a word", r"\b(\w+),? \1\b"),
    _mark("one word exclaimed", r"^\W*\w+\W*!+\W*$", "!"),
    _mark("calls a name", r"(?:^|[.!?,] )[A-Z]\w+!", "!", cased=True),
)

FORMS = (
    _opening("opens with no", r"(?:oh,? |)no+|nope"),
    _opening("opens with yes", "ok(?:ay)?|yeah|yes|yep|sure|(?:all ?|)right|uh-huh"),
    _opening("opens with oh", "o+h+"),
    _opening("opens with so", "so|well"),
    _opening("only assents", r"ok(?:ay)?|all ?right|fine|sure", r"\W*$"),
    _mark("exclaims no", r"\bno+\W*!", "!"),
    _mark("asks really", r"\breally\W*\?", "?"),
    _opening(
        "short what",
        r"(?:wh-?|)what|huh|excuse me|who|you|why|really",
        r"\W*[?!]+\W*$",
    ),
    _mark("exclaims what", r"\bwh+a+t+\W*[?!]", "? !"),
    _mark(
        "reproachful question",
        r"\b(?:why|what(?:'s| is) wrong|what are you|how could|how can|what do you mean)\b"
        r"[^.?!]*\?",
        "?",
    ),
    _mark(
        "commands loudly",
        r"(?:^|[.!?] )\W*(?:just |please |now |then )?(?:go|get|give|stop|come|let|look|tell|"
        r"leave|put|take|don't|do|listen|wait|open|close|move|run)\b[^.?!]*!",
        "!",
    ),
    _mark("addresses loudly", r"\byou\b[^.?!]*!", "!"),
    _words("negation", r"\w+n't|not|never|nothing|nobody|no|cannot", most=3),
    _words(
        "negated good",
        r"(?:not|isn't|wasn't|don't|doesn't|didn't|never|no)(?: \w+){0,2} "
        r"(?:good|great|nice|like|love|happy|well|fun|funny|enough|right|work\w*|care|enjoy)",
    ),
    _words("intensifier", "so|really|very|such|totally|completely|absolutely"),
    _words("of oneself", "i|i'm|my|me"),
    _words("of others", "he|him|his|she|her|they|them|he's|she's|they're"),
    _words("of us", "we|us|our|we're|let's|together"),
)

CUES = (*MARKS, *FORMS, *(_words(name, words) for name, words in PHRASES.items()))

_WORD = re.compile(r"\w+")
_BEGUN = Index(() if cue.opens else cue.begins for cue in CUES)
_OPENED = Index(cue.begins for cue in CUES)
_MARKED: dict[str, list[int]] = {}
for _number, _cue in enumerate(CUES):
    if not _cue.begins:
        _MARKED.setdefault(_cue.marks, []).append(_number)


def found(text: str) -> Mapping[str, int]:
    """The cues in an excerpt, with how many occurrences count."""
    lowered = text.lower()
    counts = dict.fromkeys(_marked(text, lowered), 1)
    for number in _said(lowered):
        counts[number] = min(counts.get(number, 0) + 1, CUES[number].most)
    return {CUES[number].name: counts[number] for number in sorted(counts)}


def _marked(text: str, lowered: str) -> Iterator[int]:
    for marks, numbers in _MARKED.items():
        if not marks or any(mark in text for mark in marks.split()):
            for number in numbers:
                cue = CUES[number]
                if cue.pattern.search(text if cue.cased else lowered):
                    yield number


def _said(lowered: str) -> Iterator[int]:
    """Tried only at the words that can begin them: to search for each takes five times as long."""
    begun_by, done = _OPENED.begun_by, set[int]()
    for word in _WORD.finditer(lowered):
        for number in begun_by(word[0]):
            cue = CUES[number]
            if number not in done and cue.pattern.match(lowered, word.start()):
                yield number
                if cue.most == 1:
                    done.add(number)
        begun_by = _BEGUN.begun_by
