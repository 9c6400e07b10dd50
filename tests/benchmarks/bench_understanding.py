"""Reading a turn: how well, measured on annotated dialogues, and how fast."""

from collections.abc import Callable, Sequence
from itertools import islice, pairwise
from random import Random
from time import perf_counter
from typing import NamedTuple

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from actors.engines.base import Capabilities
from actors.understanding.reader import Line, TextReader
from events.readings import QUESTIONS
from events.state import State
from tests.benchmarks.audible import Talk
from tests.benchmarks.dialogues import MIDNIGHT, Dialogue, Read, dialogues, read
from tests.benchmarks.figures import Figure, percentile

SENTIMENTS = ("negative", "neutral", "positive")
VADER = (-0.05, 0.5)
"""Of compound: the thresholds that serve it best on the training part of the scenes."""
DRAWN = 1000
"""Times that dialogues are drawn anew for a 95 % interval."""
ENDLESS = 2000
"""Turns of a conversation."""
TOGETHER = 5
"""Dialogues of a topic each, one after the other as if they were one."""


class Judged(NamedTuple):
    speaker: str
    gold: str
    told: str
    alone: str
    """Told without the turns before."""
    vader: str


Scenes = Sequence[Sequence[Judged]]
Score = Callable[[Sequence[Judged]], float]


def run() -> list[Figure]:
    scenes = dialogues("scenes_dev")
    return [*_sentiment(scenes), *_acts(), _topics(), *_speed(scenes)]


def _sentiment(dialogues_of_scenes: Sequence[Dialogue]) -> list[Figure]:
    vader = SentimentIntensityAnalyzer()
    scenes = [_judged(scene, vader) for scene in dialogues_of_scenes]
    return [
        _gain("sentiment, weighted F1", scenes, lambda turns: _f1(turns, "told"), bar=None),
        _gain("… more than VADER's with tuned thresholds", scenes, _above_vader, bar=0.0),
        _gain("… more than without the turns before", scenes, _by_context, bar=0.0),
        _flicker(scenes),
    ]


def _judged(scene: Dialogue, vader: SentimentIntensityAnalyzer) -> list[Judged]:
    both = zip(read(scene), read(scene, alone=True), strict=True)
    return [
        Judged(
            told.row["speaker"],
            told.row["sentiment"],
            _told(told),
            _told(alone),
            _by_thresholds(vader.polarity_scores(told.row["text"])["compound"]),
        )
        for told, alone in both
    ]


def _told(turn: Read) -> str:
    return turn.reading.affect.sentiment if turn.reading.affect else "neutral"


def _by_thresholds(compound: float) -> str:
    return SENTIMENTS[(compound >= VADER[0]) + (compound > VADER[1])]


def _above_vader(turns: Sequence[Judged]) -> float:
    return _f1(turns, "told") - _f1(turns, "vader")


def _by_context(turns: Sequence[Judged]) -> float:
    return _f1(turns, "told") - _f1(turns, "alone")


def _f1(turns: Sequence[Judged], by: str) -> float:
    """The mean of the classes' F1, weighted by how many there are of each."""
    pairs = [(turn.gold, getattr(turn, by)) for turn in turns]
    total = 0.0
    for each in SENTIMENTS:
        gold = sum(a == each for a, _ in pairs)
        told = sum(b == each for _, b in pairs)
        both = sum(a == b == each for a, b in pairs)
        total += gold * 2 * both / max(1, gold + told)
    return total / len(pairs)


def _gain(what: str, scenes: Scenes, score: Score, *, bar: float | None) -> Figure:
    """With a bar, what is measured against it is the lower end of the 95 % interval."""
    whole = score([turn for scene in scenes for turn in scene])
    random = Random(0)  # noqa: S311
    drawn = [
        score([turn for scene in random.choices(scenes, k=len(scenes)) for turn in scene])
        for _ in range(DRAWN)
    ]
    low, high = _quantile(drawn, 0.025), _quantile(drawn, 0.975)
    note = f"{whole:.3f}, 95 % interval by dialogue {low:.3f} to {high:.3f}"
    if bar is None:
        return Figure(what, whole, "", 0.485, "more", note=note)
    return Figure(what, low, "", bar, "more", note=note)


def _quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[round(share * (len(values) - 1))]


def _flicker(scenes: Scenes) -> Figure:
    return Figure(
        "share of a speaker's turns with another label than the one before",
        _changes(scenes, "told"),
        "",
        round(_changes(scenes, "gold"), 3),
        "less",
        bare=round(_changes(scenes, "vader"), 3),
        note="the bar is the annotators', bare is VADER's with tuned thresholds",
    )


def _changes(scenes: Scenes, by: str) -> float:
    changes: list[bool] = []
    for scene in scenes:
        for speaker in {turn.speaker for turn in scene}:
            labels = [getattr(turn, by) for turn in scene if turn.speaker == speaker]
            changes += [a != b for a, b in pairwise(labels)]
    return sum(changes) / len(changes)


def _acts() -> list[Figure]:
    meetings = [(_tag(turn.row["act"]), turn) for turn in _all("meetings")]
    asked = [(tag, turn) for tag, turn in meetings if tag[:1] in ("q", "s")]
    yes_no = [(tag.startswith("qy"), turn.reading.act == "yes_no_question") for tag, turn in asked]
    questions = [(tag.startswith("q"), turn.reading.act in QUESTIONS) for tag, turn in asked]
    smalltalk = [turn for turn in _all("smalltalk") if turn.row["act"] in (1, 2)]
    informs = [(turn.row["act"] == 2, turn.reading.act in QUESTIONS) for turn in smalltalk]
    both = sum(a and b for a, b in yes_no)
    f1 = 2 * both / (sum(a for a, _ in yes_no) + sum(b for _, b in yes_no))
    return [
        Figure("yes/no questions of meetings, F1", f1, "", 0.75, "more"),
        Figure("question or statement, of meetings", _accuracy(questions), "", 0.9, "more"),
        Figure("question or statement, of smalltalk", _accuracy(informs), "", 0.9, "more"),
    ]


def _tag(act: str) -> str:
    """Of a unit of two parts, the second: the first is a word that takes or holds the floor."""
    return act.split("|")[-1]


def _all(corpus: str) -> list[Read]:
    return [turn for dialogue in dialogues(corpus) for turn in read(dialogue)]


def _accuracy(pairs: Sequence[tuple[bool, bool]]) -> float:
    return sum(gold == told for gold, told in pairs) / len(pairs)


def _topics() -> Figure:
    talks = dialogues("smalltalk")
    Random(0).shuffle(talks)  # noqa: S311
    wrong, never, probes = 0, 0, 0
    for begin in range(0, len(talks), TOGETHER):
        gold, told = _turns_of_topic(talks[begin : begin + TOGETHER])
        k = max(2, len(gold) // (2 * max(1, sum(gold))))
        for at in range(len(gold) - k):
            turned = any(gold[at + 1 : at + k + 1])
            wrong += turned != any(told[at + 1 : at + k + 1])
            never += turned
            probes += 1
    note = "smalltalk joined by fives; bare says that the topic never changes"
    bare = never / probes
    return Figure("where the topic changes, Pk", wrong / probes, "", 0.393, "less", bare, note)


def _turns_of_topic(talks: Sequence[Dialogue]) -> tuple[list[bool], list[bool]]:
    """For every turn: whether another talk begins, and whether another topic was told."""
    rows = [row for talk in talks for row in talk]
    gold = [row is talk[0] and talk is not talks[0] for talk in talks for row in talk]
    topics = [turn.reading.topic for turn in read(rows)]
    told = [a is not None and b is not None and a.id != b.id for a, b in pairwise(topics)]
    return gold, [False, *told]


def _speed(scenes: Sequence[Dialogue]) -> list[Figure]:
    reader = TextReader()
    millis: list[float] = []
    for scene in scenes:
        began = perf_counter()
        count = sum(1 for _ in read(scene))
        millis += [(perf_counter() - began) * 1000 / count] * count
    long = Line("a", "I am so happy that you came! " * 3_500, MIDNIGHT)
    began = perf_counter()
    reader.read(State("c"), long)
    longest = (perf_counter() - began) * 1000
    return [
        Figure("reading a turn and folding it, p50", percentile(millis, 50), "ms", 1, "less"),
        Figure("reading a turn and folding it, p95", percentile(millis, 95), "ms", 1, "less"),
        *_directing(),
        Figure("reading 100,000 characters", longest, "ms", 10, "less"),
    ]


def _directing() -> list[Figure]:
    """Of one conversation without end, so that its length would be seen."""
    talk = Talk({"A": "", "B": ""}, Capabilities(pitch=True, final=True, words=True, loudness=True))
    rows = islice((row for dialogue in dialogues("smalltalk") for row in dialogue), ENDLESS)
    millis: list[float] = []
    for row in rows:
        began = perf_counter()
        talk.say(row["speaker"], row["text"])
        millis.append((perf_counter() - began) * 1000)
    early, late = millis[: ENDLESS // 4], millis[-ENDLESS // 4 :]
    what, note = "reading, carrying and directing", f"turns up to {ENDLESS:,}; bare: the first"
    return [
        Figure(f"{what}, p{p}", percentile(late, p), "ms", bar, "less", percentile(early, p), note)
        for p, bar in ((50, 2), (95, 5))
    ]
