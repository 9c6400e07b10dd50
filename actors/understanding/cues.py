"""Signs of affect in a line of dialogue, each with what it is worth.

A worth is in log-odds against neutral, first for negative, then for positive. The cues were chosen
by hand for talk in general; their worths were fitted together on scenes of spoken dialogue (the
training part of MELD) by a multinomial logistic regression, and rounded to a tenth.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

Worth = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cue:
    name: str
    pattern: re.Pattern[str]
    worth: Worth
    most: int = 1
    """Occurrences that count."""

    def strength(self, text: str) -> int:
        if self.most == 1:
            return self.pattern.search(text) is not None
        return min(self.most, len(self.pattern.findall(text)))


def _words(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)


def _opening(words: str) -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{words})\b", re.IGNORECASE)


CUES = (
    Cue("exclamation", re.compile("!"), (2.3, 2.8)),
    Cue("exclamations", re.compile("!.*!", re.DOTALL), (0.8, 0.9)),
    Cue("question", re.compile(r"\?"), (0.8, 0.5)),
    Cue("ends in a question", re.compile(r"\?\W*$"), (-0.3, -0.3)),
    Cue("incredulous", re.compile(r"\?!|!\?"), (0.7, -0.4)),
    Cue("capitals", re.compile(r"\b[A-Z]{2,}[A-Z']*\b"), (0.1, -0.3)),
    Cue("drawn out", re.compile(r"([a-z])\1\1", re.IGNORECASE), (0.2, 1.1)),
    Cue("trails off", re.compile(r"…|\.\.\."), (0.4, 0.2)),
    Cue("stammers", re.compile(r"[—–]|--|\b(\w+)-\1\b", re.IGNORECASE), (0.3, 0.3)),
    Cue(
        "delight",
        _words(
            "wow|yay|hooray|whoo+|woo+|woohoo|great|excellent|awesome|fantastic|wonderful|amazing|"
            "cool|sweet|beautiful|gorgeous|delicious|perfect|lovely|nice|brilliant"
        ),
        (0.3, 1.2),
    ),
    Cue(
        "gladness",
        _words(
            r"i love|i'm so (?:happy|glad|excited|proud)|(?:i'm|i am) (?:so )?glad|can't wait|"
            r"so (?:sweet|cute|great|cool|good|nice)|that's (?:so |really )?(?:great|nice|good)|"
            r"good for you|well done|good luck|aww*|me too"
        ),
        (0.5, 1.3),
    ),
    Cue(
        "outrage",
        _words(
            r"ugh|eww*|ow+|ouch|uh-oh|oh,? no|yuck|damn(?:it)?|crap|argh|shut up|get out|stupid|"
            r"idiots?|morons?|hell|how dare|leave me alone|go away|freak(?:ing|ed)?"
        ),
        (1.0, 0.2),
    ),
    Cue(
        "refusal",
        _words(
            r"what the|are you (?:crazy|insane|kidding|serious)|you can't|i can't|"
            r"i don't (?:believe|want)|you don't|how (?:can|could) you|i hate|stop|wrong|i didn't"
        ),
        (0.5, 0.2),
    ),
    Cue("thanks", _words("thanks|thank you|congratulations|appreciate"), (-1.2, 0.3)),
    Cue("apology", _words(r"sorry|apologi[sz]e|my fault|forgive"), (1.4, 0.2)),
    Cue("greeting", _opening("hi+|hey+|hello|good morning|welcome|happy"), (-1.2, -0.2)),
    Cue("opens with no", _opening(r"(?:oh,? )?no+|nope"), (-0.6, -0.7)),
    Cue(
        "opens with yes",
        _opening("ok(?:ay)?|yeah|yes|yep|sure|(?:all ?)?right|uh-huh"),
        (-0.8, -0.6),
    ),
    Cue("negation", _words(r"\w+n't|not|never|nothing|nobody|no|cannot"), (0.4, -0.1), most=3),
    Cue("invocation", _words(r"oh,? god|my god|omg|oh my|jesus|good lord"), (3.7, 3.7)),
    Cue(
        "short what",
        re.compile(r"^\W*(?:(?:wh-?)?what|huh|excuse me|who|you|why|really)\W*[?!]+\W*$", re.I),
        (1.5, 1.6),
    ),
    Cue(
        "reproachful question",
        re.compile(
            r"\b(?:why|what(?:'s| is) wrong|what are you|how could|how can|what do you mean)\b"
            r"[^.?!]*\?",
            re.IGNORECASE,
        ),
        (0.5, 0.2),
    ),
    Cue("intensifier", _words("so|really|very|such|totally|completely|absolutely"), (-0.1, 0.5)),
    Cue("doubt", _words(r"i don't know|i guess|maybe|i suppose|i think"), (-0.5, -0.3)),
    Cue("laughter", _words(r"(?:ha){2,}h?|haha\w*|lol|hee hee"), (-0.4, 1.5)),
    Cue("please", _words("please"), (0.6, -0.6)),
    Cue("of oneself", _words(r"i|i'm|my|me"), (0.4, 0.1)),
)


def found(text: str) -> Mapping[str, int]:
    """The cues in an excerpt, with how many occurrences count."""
    return {cue.name: n for cue in CUES if (n := cue.strength(text))}
