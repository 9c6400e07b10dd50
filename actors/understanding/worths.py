"""What each cue is worth, in log-odds.

Of negative and of positive against neutral; then of each name against joy, among those that fit.
Fitted together on scenes of spoken dialogue (the training part of MELD) by maximum a posteriori,
around a prior that knows only what a group of words is about, and rounded to a tenth; that of
bereavement is set by hand, since those scenes are of a comedy. Classes are balanced for weighted F1
rather than for likelihood.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Worth(NamedTuple):
    negative: float = 0.0
    positive: float = 0.0
    anger: float = 0.0
    sadness: float = 0.0
    fear: float = 0.0
    disgust: float = 0.0
    surprise: float = 0.0


BIAS = Worth(-1.4, -1.5, -0.5, -0.2, -0.8, -0.3, -1.7)
"""Before anything is known."""
PLEASANT = Worth(-0.1, 0.8, 0.5, 0.2, -0.1, 0.1, -0.8)
UNPLEASANT = Worth(1.5, 0.5, -0.2, 0.1, 0.3, 0.9, -1.0)
"""Of a text whose words are wholly so."""

WORTHS: Mapping[str, Worth] = {
    "exclamation": Worth(1.2, 1.9, 0.2, -0.6, -0.3, -0.8, 0.0),
    "exclamations": Worth(0.5, 0.6, -0.2, -0.3, -0.1, 0.1, 0.0),
    "three exclamations": Worth(0.4, 0.2, 0.2, -0.4, 0.0, -0.1, -0.2),
    "ends in an exclamation": Worth(1.4, 1.2, 0.2, -0.6, -0.5, -0.3, 0.3),
    "question": Worth(0.6, 0.4, 0.1, -0.2, -0.3, 0.0, 1.0),
    "questions": Worth(0.7, 0.4, 0.0, -0.3, 0.2, -0.2, 0.2),
    "ends in a question": Worth(-0.1, -0.1, 0.1, -0.2, 0.4, -0.6, 0.7),
    "incredulous": Worth(0.6, -0.6, -0.1, 0.1, -0.3, 0.5, 0.0),
    "capitals": Worth(0.1, -0.2, 0.3, -0.2, -0.2, 0.0, -0.1),
    "drawn out": Worth(0.0, 0.7, -0.3, -0.4, 0.4, 0.0, 0.2),
    "trails off": Worth(0.4, 0.2, -0.4, 0.3, 0.5, -0.4, 0.1),
    "stammers": Worth(0.3, 0.2, -0.2, -0.1, 0.7, -0.4, 0.1),
    "repeats a word": Worth(0.3, 0.4, -0.2, 0.0, -0.1, -0.1, 0.0),
    "one word exclaimed": Worth(0.1, 0.3, 0.1, -0.1, -0.5, 0.2, 0.0),
    "calls a name": Worth(-0.2, 0.1, 0.1, 0.2, -0.3, -0.1, 0.2),
    "opens with no": Worth(-0.5, -0.5, 0.1, -0.1, 0.2, 0.3, -0.1),
    "opens with yes": Worth(-0.5, -0.3, 0.0, 0.1, -0.1, 0.0, -0.4),
    "opens with oh": Worth(0.1, 0.5, -0.1, 0.3, 0.0, 0.2, 0.3),
    "opens with so": Worth(-0.4, -0.5, 0.1, 0.3, -0.3, -0.1, -0.4),
    "only assents": Worth(-0.2, -0.5, 0.4, -0.3, 0.0, 0.0, -0.1),
    "exclaims no": Worth(0.5, -0.4, -0.2, 0.2, 0.1, 0.1, 0.2),
    "asks really": Worth(0.0, 1.2, 0.2, -0.3, -0.2, -0.2, 1.0),
    "short what": Worth(0.8, 0.7, -0.2, 0.1, 0.0, -0.3, 0.9),
    "exclaims what": Worth(0.6, 0.2, 0.0, 0.2, -0.1, -0.6, 0.9),
    "reproachful question": Worth(0.4, 0.1, 0.0, 0.0, -0.1, -0.1, 0.5),
    "commands loudly": Worth(0.2, -0.1, 0.3, 0.3, 0.2, -0.6, 0.0),
    "addresses loudly": Worth(0.3, 0.2, 0.3, 0.0, -0.1, 0.1, -0.1),
    "negation": Worth(0.3, 0.0, 0.3, 0.4, 0.5, 0.3, 0.0),
    "negated good": Worth(0.4, 0.2, 0.1, 0.2, -0.4, 0.1, 0.0),
    "intensifier": Worth(0.1, 0.6, 0.1, 0.4, -0.2, 0.1, 0.0),
    "of oneself": Worth(0.5, 0.2, 0.2, 0.3, 0.3, -0.4, -0.3),
    "of others": Worth(0.1, -0.1, 0.0, 0.1, 0.0, 0.3, 0.1),
    "of us": Worth(-0.1, 0.1, 0.1, 0.0, -0.1, 0.1, -0.7),
    "insult": Worth(1.1, 0.0, 1.0, 0.1, -0.6, 0.6, -0.4),
    "swearing": Worth(1.1, -0.3, 0.9, -0.1, -0.3, 0.5, -0.1),
    "sends away": Worth(1.1, 0.0, 0.6, 0.3, 0.2, 0.1, -0.5),
    "reproach": Worth(0.7, 0.0, 0.8, -0.2, 0.4, 0.3, 0.0),
    "complaint": Worth(0.7, -0.1, 0.9, -0.1, -0.3, 0.6, 0.0),
    "wrath": Worth(0.8, -0.4, 0.6, -0.1, -0.1, 0.4, 0.2),
    "threat": Worth(0.8, -0.4, 1.0, 0.1, 0.2, -0.2, 0.0),
    "bereavement": Worth(2.0, -0.4, 0.0, 1.5, 0.0, 0.0, 0.0),
    "loss": Worth(0.8, 0.2, 0.1, 0.9, 0.1, -0.3, 0.3),
    "illness": Worth(0.6, -0.2, 0.1, 0.3, 0.7, 0.0, 0.0),
    "regret": Worth(1.0, -0.5, 0.0, 1.0, -0.2, -0.1, 0.3),
    "dejection": Worth(0.8, 0.3, 0.0, 1.2, -0.5, 0.2, 0.1),
    "failure": Worth(0.8, 0.2, 0.1, 0.8, 0.1, -0.1, 0.2),
    "pity": Worth(1.0, -0.6, -0.1, 1.0, -0.2, 0.4, -0.1),
    "apology": Worth(1.3, -0.1, -0.3, 1.6, 0.1, -0.5, 0.2),
    "belittles oneself": Worth(0.8, 0.0, -0.3, 0.8, 0.2, 0.4, -0.2),
    "helplessness": Worth(1.2, 0.0, -0.2, 0.9, 0.6, -0.2, -0.1),
    "worry": Worth(0.7, -0.5, 0.1, 0.0, 1.7, -0.7, -0.2),
    "danger": Worth(0.5, 0.0, -0.2, -0.3, 1.5, 0.1, 0.2),
    "disgust": Worth(1.2, -0.1, -0.6, 0.3, -0.4, 1.7, 0.4),
    "joy": Worth(0.4, 0.9, 0.3, -0.2, 0.1, -0.1, -0.5),
    "praise": Worth(0.3, 1.2, 0.0, 0.0, -0.3, 0.4, -0.9),
    "praise of this": Worth(0.3, 0.9, -0.3, 0.6, -0.3, 0.1, -0.4),
    "triumph": Worth(0.1, 0.8, -0.1, 0.0, -0.2, 0.0, -0.3),
    "affection": Worth(0.1, 0.9, -0.2, 0.4, 0.2, -0.4, -0.5),
    "thanks": Worth(-0.7, 0.7, -0.1, 0.1, 0.3, -0.2, -0.6),
    "hope": Worth(-0.1, 0.8, 0.1, 0.1, 0.1, -0.2, 0.0),
    "laughter": Worth(-0.4, 1.5, 0.0, 0.0, 0.0, 0.0, 0.0),
    "disbelief": Worth(1.1, 1.3, -0.3, 0.2, -0.1, -0.2, 1.4),
    "invocation": Worth(1.8, 1.4, -0.5, 0.0, 0.3, 0.5, 1.9),
    "exclaims": Worth(0.8, 1.0, 0.2, 0.0, -0.2, 0.9, 1.4),
    "greeting": Worth(-0.9, 0.0, 0.1, 0.1, -0.4, -0.1, -0.3),
    "doubt": Worth(-0.4, -0.4, -0.1, 0.3, 0.2, -0.4, 0.2),
    "assent": Worth(-0.3, -0.4, 0.1, -0.2, 0.1, 0.0, -0.7),
    "please": Worth(0.6, -0.4, -0.6, 0.1, 0.7, 0.3, -0.6),
    "but": Worth(-0.3, -0.2, -0.2, -0.3, 0.4, 0.2, -0.1),
    "bad": Worth(0.4, -0.2, 0.1, 0.6, -0.1, 0.1, -0.2),
}
