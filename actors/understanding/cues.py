"""Signs of affect in a line of dialogue: marks, forms, and what words do together.

Chosen by hand for talk in general; what each is worth is in `worths`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from actors.understanding.wording import PHRASES


@dataclass(frozen=True, slots=True)
class Cue:
    name: str
    pattern: re.Pattern[str]
    """Of a text in lower case, unless `cased`."""
    most: int = 1
    """Occurrences that count."""
    cased: bool = False

    def strength(self, text: str, lowered: str) -> int:
        text = text if self.cased else lowered
        if self.most == 1:
            return self.pattern.search(text) is not None
        return min(self.most, len(self.pattern.findall(text)))


def _words(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})(?![\w'])")


def _opening(words: str) -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{words})(?![\w'])")


MARKS = (
    Cue("exclamation", re.compile("!")),
    Cue("exclamations", re.compile("!.*!", re.DOTALL)),
    Cue("three exclamations", re.compile("!.*!.*!", re.DOTALL)),
    Cue("ends in an exclamation", re.compile(r"!\W*$")),
    Cue("question", re.compile(r"\?")),
    Cue("questions", re.compile(r"\?.*\?", re.DOTALL)),
    Cue("ends in a question", re.compile(r"\?\W*$")),
    Cue("incredulous", re.compile(r"\?!|!\?")),
    Cue("capitals", re.compile(r"\b[A-Z]{2,}[A-Z']*\b"), cased=True),
    Cue("drawn out", re.compile(r"([a-z])\1\1")),
    Cue("trails off", re.compile(r"…|\.\.\.")),
    Cue("stammers", re.compile(r"[—–]|--|\b(\w+)-\1\b")),
    Cue("repeats a word", re.compile(r"\b(\w+),? \1\b")),
    Cue("one word exclaimed", re.compile(r"^\W*\w+\W*!+\W*$")),
    Cue("calls a name", re.compile(r"(?:^|[.!?,] )[A-Z]\w+!"), cased=True),
)

FORMS = (
    Cue("opens with no", _opening(r"(?:oh,? )?no+|nope")),
    Cue("opens with yes", _opening("ok(?:ay)?|yeah|yes|yep|sure|(?:all ?)?right|uh-huh")),
    Cue("opens with oh", _opening("o+h+")),
    Cue("opens with so", _opening("so|well")),
    Cue("only assents", re.compile(r"^\W*(?:ok(?:ay)?|all ?right|fine|sure)\W*$")),
    Cue("exclaims no", re.compile(r"\bno+\W*!")),
    Cue("asks really", re.compile(r"\breally\W*\?")),
    Cue(
        "short what",
        re.compile(r"^\W*(?:(?:wh-?)?what|huh|excuse me|who|you|why|really)\W*[?!]+\W*$"),
    ),
    Cue("exclaims what", re.compile(r"\bwh+a+t+\W*[?!]")),
    Cue(
        "reproachful question",
        re.compile(
            r"\b(?:why|what(?:'s| is) wrong|what are you|how could|how can|what do you mean)\b"
            r"[^.?!]*\?",
        ),
    ),
    Cue(
        "commands loudly",
        re.compile(
            r"(?:^|[.!?] )\W*(?:just |please |now |then )?(?:go|get|give|stop|come|let|look|tell|"
            r"leave|put|take|don't|do|listen|wait|open|close|move|run)\b[^.?!]*!"
        ),
    ),
    Cue("addresses loudly", re.compile(r"\byou\b[^.?!]*!")),
    Cue("negation", _words(r"\w+n't|not|never|nothing|nobody|no|cannot"), most=3),
    Cue(
        "negated good",
        _words(
            r"(?:not|isn't|wasn't|don't|doesn't|didn't|never|no)(?: \w+){0,2} "
            r"(?:good|great|nice|like|love|happy|well|fun|funny|enough|right|work\w*|care|enjoy)"
        ),
    ),
    Cue("intensifier", _words("so|really|very|such|totally|completely|absolutely")),
    Cue("of oneself", _words("i|i'm|my|me")),
    Cue("of others", _words("he|him|his|she|her|they|them|he's|she's|they're")),
    Cue("of us", _words("we|us|our|we're|let's|together")),
)

CUES = (*MARKS, *FORMS, *(Cue(name, _words(words)) for name, words in PHRASES.items()))


def found(text: str) -> Mapping[str, int]:
    """The cues in an excerpt, with how many occurrences count."""
    lowered = text.lower()
    return {cue.name: n for cue in CUES if (n := cue.strength(text, lowered))}
