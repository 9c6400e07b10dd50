"""The views' written definitions, once more: plain Python over what was said, slow and direct.

Each takes the turns of one conversation and gives rows as the view does, without its id. Times are
whole milliseconds inside, so that ties are ties.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby, pairwise
from statistics import fmean, median, pstdev, quantiles, stdev
from typing import Any, NamedTuple

from tests.unit.analytics.dialogues import Said

Row = tuple[Any, ...]


class Turn(NamedTuple):
    number: int
    said: Said
    start: int
    """Of the turn; of one that we spoke, before its sound. In ms from the earliest of all."""
    begin: int
    end: int

    @property
    def speaker(self) -> str:
        return self.said.speaker

    @property
    def valence(self) -> float | None:
        return self.said.more.get("affect", {}).get("valence")

    @property
    def emotion(self) -> str | None:
        return self.said.more.get("affect", {}).get("category")

    @property
    def cut(self) -> bool:
        return bool(self.said.spoken and self.said.spoken["cut"] is not None)


def turns(said: Sequence[Said]) -> list[Turn]:
    starts = [s.start_ms - (s.spoken["first_audio_ms"] if s.spoken else 0) for s in said]
    zero = min(starts)
    return [
        Turn(n, s, start - zero, s.start_ms - zero, s.end_ms - zero)
        for n, (s, start) in enumerate(zip(said, starts, strict=True), 1)
    ]


class Unit(NamedTuple):
    number: int
    speaker: str
    begin: int
    end: int
    turns: list[Turn]
    backchannel: bool
    takes_floor: bool


def letter(act: str | None) -> str:
    """Of the acts in these tests, by a table."""
    if act is None:
        return "_"
    known = {"statement": "S", "s": "S", "b": "B", "bk": "B", "fh": "F", "fg": "F", "h": "F"}
    first = re.split(r"[|.:]", act)[0]
    for tags, found in (
        (r"s\^(aa|aap|ar|arp|na|nd|ng|no)(\^.*)?", "A"),
        (r"s\^bk(\^.*)?", "B"),
        (r"s\^co(\^.*)?", "D"),
        (r"s\^(cs|cc)(\^.*)?", "C"),
        (r"s\^ft(\^.*)?", "T"),
        (r"s\^fa(\^.*)?", "P"),
        (r"q[a-z]*(\^.*)?", "Q"),
    ):
        if re.fullmatch(tags, first):
            return found
    return known.get(first.split("^")[0], "O")


LISTENING = {
    "uh-huh", "uh huh", "mm", "mm-hmm", "mm-hm", "mhm", "hm", "yeah", "yep", "yes", "right", "okay",
    "ok", "sure", "oh", "ah", "uh", "huh", "wow", "really", "i see",
}  # fmt: skip


def listens(turn: Turn) -> bool:
    if turn.said.act:
        return letter(turn.said.act) == "B"
    text = re.sub(r"[\s.,!?=-]+$", "", turn.said.text.lower())
    parts = [part.strip() for part in re.split(r"[.,!?=]", text) if part.strip()]
    return len(turn.said.text.split()) <= 4 and bool(parts) and all(p in LISTENING for p in parts)


def units(all_turns: Sequence[Turn]) -> list[Unit]:
    found: list[tuple[str, list[Turn]]] = []
    speakers = sorted({turn.speaker for turn in all_turns})
    for speaker in speakers:
        own = [t for t in all_turns if t.speaker == speaker and t.end > t.begin]
        until = -math.inf
        for turn in sorted(own, key=lambda t: (t.begin, t.end, t.number)):
            if turn.begin - until > 200:
                found.append((speaker, []))
            found[-1][1].append(turn)
            until = max(until, turn.end)
    made = [(s, t[0].begin, max(x.end for x in t), t) for s, t in found]
    made.sort(key=lambda unit: (unit[1], -unit[2], unit[0]))
    whole: list[Unit] = []
    for number, (speaker, begin, end, own) in enumerate(made, 1):
        quiet = end - begin <= 1000 and all(map(listens, own))
        inside = any(not u.backchannel and u.end >= end for u in whole)
        whole.append(Unit(number, speaker, begin, end, own, quiet, not quiet and not inside))
    return whole


def speech_units(said: Sequence[Said]) -> list[Row]:
    all_units, rows = units(turns(said)), []
    for u in all_units:
        floor = [other.speaker for other in all_units[: u.number - 1] if other.takes_floor]
        n_words = sum(len(t.said.text.split()) for t in u.turns)
        rows.append((
            u.number, u.speaker, u.begin / 1e3, u.end / 1e3, (u.end - u.begin) / 1e3, len(u.turns),
            n_words, u.turns[0].number, u.turns[-1].number, u.turns[0].said.act,
            u.turns[-1].said.act, u.backchannel, u.takes_floor, floor[-1] if floor else None,
            u.begin * 1000, u.end * 1000,
        ))  # fmt: skip
    return rows


def stretches(said: Sequence[Said]) -> list[tuple[int, int, list[str]]]:
    """Between neighbouring edges, who speaks: each stretch asked of every unit."""
    own = units(turns(said))
    edges = sorted({edge for u in own for edge in (u.begin, u.end)})
    return [
        (a, b, sorted(u.speaker for u in own if u.begin <= a and b <= u.end))
        for a, b in pairwise(edges)
    ]


def floor(said: Sequence[Said]) -> list[Row]:
    return [
        (
            a / 1e3,
            b / 1e3,
            (b - a) / 1e3,
            len(who),
            who[0] if len(who) == 1 else None,
            a * 1000,
            b * 1000,
        )
        for a, b, who in stretches(said)
    ]


class Holding(NamedTuple):
    number: int
    speaker: str
    begin: int
    end: int
    units: list[Unit]

    @property
    def first_act(self) -> str | None:
        return self.units[0].turns[0].said.act

    @property
    def last_act(self) -> str | None:
        return self.units[-1].turns[-1].said.act


def holdings(said: Sequence[Said]) -> list[Holding]:
    takers = [u for u in units(turns(said)) if u.takes_floor]
    runs = [list(run) for _, run in groupby(takers, key=lambda u: u.speaker)]
    return [
        Holding(n, run[0].speaker, run[0].begin, max(u.end for u in run), run)
        for n, run in enumerate(runs, 1)
    ]


def floor_turns(said: Sequence[Said]) -> list[Row]:
    return [
        (h.number, h.speaker, h.begin / 1e3, h.end / 1e3, (h.end - h.begin) / 1e3, len(h.units),
         sum(len(t.said.text.split()) for u in h.units for t in u.turns),
         h.first_act, h.last_act, h.begin * 1000, h.end * 1000)
        for h in holdings(said)
    ]  # fmt: skip


def floor_transfers(said: Sequence[Said]) -> list[Row]:
    rows = []
    for before, now in pairwise(holdings(said)):
        offset = now.begin - before.end
        kind = "gap" if offset > 0 else "overlap" if offset < 0 else "seamless"
        rows.append((
            now.number, now.begin / 1e3, before.speaker, now.speaker, offset / 1e3, kind,
            before.last_act, now.first_act,
        ))  # fmt: skip
    return rows


def silences(said: Sequence[Said]) -> list[Row]:
    own, rows = units(turns(said)), []
    for a, b, who in stretches(said):
        if not who:
            before = [u.speaker for u in own if u.end == a][-1]
            after = next(u.speaker for u in own if u.begin == b)
            kind = "pause" if before == after else "gap"
            rows.append((a / 1e3, b / 1e3, (b - a) / 1e3, before, after, kind, b - a >= 5000))
    return rows


def overlaps(said: Sequence[Said]) -> list[Row]:
    own, rows = units(turns(said)), []
    for together, run in groupby(stretches(said), key=lambda s: len(s[2]) >= 2):
        if together:
            each = list(run)
            a, b = each[0][0], each[-1][1]
            starters = [u.speaker for u in own if u.begin == a]
            going_on = [s for s in each[0][2] if s not in starters]
            over = going_on[0] if going_on else starters[0]
            most = max(len(s[2]) for s in each)
            rows.append((a / 1e3, b / 1e3, (b - a) / 1e3, most, over, starters[-1]))
    return rows


def interruptions(said: Sequence[Said]) -> list[Row]:
    rows: list[Row] = [
        (now.begin / 1e3, now.speaker, was.speaker, "overlap", (was.end - now.begin) / 1e3,
         now.first_act, was.last_act)
        for was, now in pairwise(holdings(said))
        if was.end - now.begin > 500 and now.end - was.end >= 1000
    ]  # fmt: skip
    rows += [
        (t.end / 1e3, "zoe", t.speaker, t.said.spoken["cause"], None, None, t.said.act)
        for t in turns(said)
        if t.cut and t.said.spoken
    ]
    return sorted(rows, key=lambda row: [(x is None, x or 0) if i == 4 else (x is None, x or "")
                                         if i else x for i, x in enumerate(row)])  # fmt: skip


def backchannels(said: Sequence[Said]) -> list[Row]:
    own, rows = units(turns(said)), []
    for u in own:
        earlier = own[: u.number - 1]
        floor_of = [e.speaker for e in earlier if e.takes_floor]
        if u.backchannel and floor_of and floor_of[-1] != u.speaker:
            busy = any(e.end > u.begin for e in earlier)
            length = (u.end - u.begin) / 1e3
            act = u.turns[0].said.act
            rows.append((u.number, u.begin / 1e3, length, u.speaker, floor_of[-1], act, busy))
    return rows


def turn_taking(said: Sequence[Said]) -> list[Row]:
    each = stretches(said)
    if not each:
        return []
    span, spoken = each[-1][1] - each[0][0], sum(b - a for a, b, who in each if who)
    silent = [b - a for a, b, who in each if not who]
    both = sum(b - a for a, b, who in each if len(who) > 1)
    ms = [b.begin - a.end for a, b in pairwise(holdings(said))]
    cuts, nods = len(interruptions(said)), len(backchannels(said))
    bins = [offset // 100 for offset in ms]
    commonest = min(bins, key=lambda b: (-bins.count(b), b), default=None)
    deciles = quantiles(ms, n=10, method="inclusive") if len(ms) > 1 else [*ms * 9]
    return [(
        span / 1e3, sum(silent) / span, max(silent) / 1e3 if silent else None,
        sum(s >= 5000 for s in silent), both / spoken, len(ms),
        median(ms) / 1e3 if ms else None, deciles[0] / 1e3 if ms else None,
        deciles[8] / 1e3 if ms else None, None if commonest is None else (commonest + 0.5) / 10,
        sum(abs(o) <= 500 for o in ms) / len(ms) if ms else None,
        sum(o > 1000 for o in ms) / len(ms) if ms else None,
        cuts, cuts * 60_000 / spoken, nods, nods * 60_000 / spoken,
    )]  # fmt: skip


def talk_share(said: Sequence[Said]) -> list[Row]:
    all_turns = turns(said)
    untimed = dict.fromkeys(sorted({t.speaker for t in all_turns}), 0)
    speech = {
        who: union([(t.begin, t.end) for t in all_turns if t.speaker == who]) for who in untimed
    }
    total = sum(speech.values())
    return [
        (who, speech[who] / 1e3, speech[who] / total if total else None,
         sum(t.speaker == who for t in all_turns),
         sum(len(t.said.text.split()) for t in all_turns if t.speaker == who), 0)
        for who in untimed
    ]  # fmt: skip


def union(spans: Sequence[tuple[int, int]]) -> int:
    edges = sorted({edge for span in spans for edge in span})
    return sum(b - a for a, b in pairwise(edges) if any(x <= a and b <= y for x, y in spans))


def balance(said: Sequence[Said], window: int = 150_000, step: int = 30_000) -> list[Row]:
    own, rows = units(turns(said)), []
    speakers = sorted({u.speaker for u in own})
    first, last = (min(u.begin for u in own), max(u.end for u in own)) if own else (0, 0)
    opens = first
    while opens < last:
        ms = {
            s: sum(max(0, min(u.end, opens + window) - max(u.begin, opens))
                   for u in own if u.speaker == s)
            for s in speakers
        }  # fmt: skip
        total = sum(ms.values())
        shares = [ms[s] / total for s in speakers] if total else []
        entropy = -sum(p * math.log(p) for p in shares if p) if shares else None
        even = entropy / math.log(len(speakers)) if shares and len(speakers) > 1 else None
        rows += [
            (opens / 1e3, s, ms[s] / 1e3, ms[s] / total if total else None, even) for s in speakers
        ]
        opens += step
    return rows


def felt(said: Sequence[Said]) -> list[Turn]:
    known = [t for t in turns(said) if t.valence is not None]
    return sorted(known, key=lambda t: (t.start, t.number))


def emotion_trajectory(said: Sequence[Said], half_life_s: float = 5) -> list[Row]:
    rows, so_far = [], felt(said)
    for i, turn in enumerate(so_far):
        own = [t for t in so_far[: i + 1] if t.speaker == turn.speaker]
        weights = [0.5 ** ((turn.start - t.start) / 1000 / half_life_s) for t in own]
        affects = [t.said.more["affect"] for t in own]

        def decayed(
            key: str, weights: list[float] = weights, affects: list[Any] = affects
        ) -> float:
            return math.fsum(w * a[key] for w, a in zip(weights, affects, strict=True)) / math.fsum(
                weights
            )

        before, mine = so_far[i - 1] if i else None, turn.said.more["affect"]
        crossed = before is not None and before.speaker != turn.speaker
        rows.append((
            turn.number, turn.speaker, turn.start / 1e3,
            turn.valence, mine["arousal"], turn.emotion,
            decayed("valence"), decayed("arousal"),
            mine["valence"] - affects[-2]["valence"] if len(own) > 1 else None,
            turn.emotion != own[-2].emotion if len(own) > 1 else None,
            turn.emotion != before.emotion if crossed and before else None,
        ))  # fmt: skip
    return sorted(rows)


def recoveries(said: Sequence[Said]) -> list[Row]:
    rows = []
    for speaker in sorted({t.speaker for t in felt(said)}):
        low: list[Turn] = []
        for t in [t for t in felt(said) if t.speaker == speaker]:
            if low and t.valence > 0:  # type: ignore[operator]
                rows.append(_low(low, t))
                low = []
            elif low or t.valence <= -0.3:  # type: ignore[operator]
                low.append(t)
        rows += [_low(low, None)] if low else []
    return sorted(rows, key=lambda row: row[:3])


def _low(low: list[Turn], over: Turn | None) -> Row:
    first = low[0]
    end = (over.number, over.start / 1e3, (over.start - first.start) / 1e3) if over else (None,) * 3
    lowest = min(t.valence for t in low)  # type: ignore[type-var]
    return (first.speaker, first.number, first.start / 1e3, lowest, *end)


def affect_summary(said: Sequence[Said]) -> list[Row]:
    rows = []
    for speaker in sorted({t.speaker for t in felt(said)}):
        own = [t for t in felt(said) if t.speaker == speaker]
        v = [t.said.more["affect"]["valence"] for t in own]
        mean, minutes = fmean(v), [t.start / 60_000 for t in own]
        squares = math.fsum((x - mean) ** 2 for x in v)
        products = math.fsum((a - mean) * (b - mean) for a, b in pairwise(v))
        jumps = [(b - a) ** 2 for a, b in pairwise(v)]
        run = math.fsum((m - fmean(minutes)) ** 2 for m in minutes)
        rise = math.fsum((m - fmean(minutes)) * x for m, x in zip(minutes, v, strict=True))
        lows = [row for row in recoveries(said) if row[0] == speaker]
        times = [row[6] for row in lows if row[6] is not None]
        shifts = [a.emotion != b.emotion for a, b in pairwise(own)]
        rows.append((
            speaker, len(v), mean, stdev(v) if len(v) > 1 else None,
            fmean(t.said.more["affect"]["arousal"] for t in own),
            math.sqrt(fmean(jumps)) if jumps else None,
            products / squares if squares > 1e-12 else None, rise / run if run > 1e-9 else None,
            v[0], v[-1], v[-1] - v[0], fmean(x < 0 for x in v),
            sum(t.end - t.begin for t, x in zip(own, v, strict=True) if x < 0) / 1e3,
            fmean(shifts) if shifts else None,
            len(lows), len(times), fmean(times) if times else None,
        ))  # fmt: skip
    return rows


def transitions(conversations: dict[str, Sequence[Said]], what: str) -> list[Row]:
    pairs: list[tuple[str, str, str]] = []
    for said in conversations.values():
        known = [(s.speaker, _label(s, what)) for s in said if _label(s, what)]
        pairs += [("other", a[1], b[1]) for a, b in pairwise(known) if a[0] != b[0]]  # type: ignore[misc]
        for speaker in {s for s, _ in known}:
            own = [x for s, x in known if s == speaker]
            pairs += [("own", a, b) for a, b in pairwise(own)]  # type: ignore[misc]
    rows = []
    for link, a, b in sorted(set(pairs)):
        of_link = [(x, y) for kind, x, y in pairs if kind == link]
        n, from_a = of_link.count((a, b)), sum(x == a for x, _ in of_link)
        to_b = sum(y == b for _, y in of_link)
        lift = float(Fraction(n * len(of_link), from_a * to_b))
        rows.append((link, a, b, n, n / from_a, lift, math.log2(lift)))
    return rows


def _label(said: Said, what: str) -> str | None:
    return said.act if what == "act" else said.more.get("affect", {}).get("category")


def ngrams(conversations: dict[str, Sequence[Said]], n: int) -> list[Row]:
    lines = [[s.act for s in said if s.act] for said in conversations.values()]
    grams = [[tuple(line[i : i + n]) for i in range(len(line) - n + 1)] for line in lines]
    long_enough = sum(len(line) >= n for line in lines)
    everything = [gram for line in grams for gram in line]
    return [
        (list(gram), everything.count(gram), found, found / long_enough)  # type: ignore[arg-type]
        for gram in sorted(set(everything))  # type: ignore[type-var]
        for found in [sum(gram in line for line in grams)]
    ]


def patterns(said: Sequence[Said], pattern: str = "Q.*?A") -> list[Row]:
    line = "".join(letter(s.act) for s in said)
    found = [m for m in re.finditer(pattern, line) if m[0]]
    return [(m.start() + 1, m.end(), len(m[0]), m[0]) for m in found]


def adjacency(said: Sequence[Said]) -> list[Row]:
    rows, every = [], turns(said)
    for i, q in enumerate(every):
        if letter(q.said.act) != "Q":
            continue
        later = [
            (k, t) for k, t in enumerate(every[i + 1 : i + 6], 1)
            if t.speaker != q.speaker and letter(t.said.act) in "AS"
        ]  # fmt: skip
        if not later:
            rows.append((q.number, q.speaker, q.said.act, False, *[None] * 5))
            continue
        k, a = later[0]
        timed = q.end > q.begin and a.end > a.begin
        latency = (a.begin - q.end) / 1e3 if timed else None
        rows.append(
            (q.number, q.speaker, q.said.act, True, a.number, a.speaker, a.said.act, k, latency)
        )
    return rows


def entrainment(said: Sequence[Said], feature: str = "words_per_s") -> list[Row]:
    def value(t: Turn) -> float | None:
        if feature == "words_per_s":
            long = t.end - t.begin
            return len(t.said.text.split()) * 1000 / long if long > 0 else None
        return t.said.more.get("features", {}).get(feature)  # type: ignore[no-any-return]

    every = turns(said)
    scored: list[tuple[Turn, float | None]] = []
    for t in every:
        own = [v for o in every if o.speaker == t.speaker and (v := value(o)) is not None]
        mine = value(t)
        varies = len(own) > 1 and pstdev(own) > 1e-9 * max(1, abs(fmean(own)))
        scored.append(
            (t, (mine - fmean(own)) / pstdev(own) if varies and mine is not None else None)
        )
    pairs = [
        (z, b, -abs(z - b), t.start / 1e3)
        for (o, b), (t, z) in pairwise(scored)
        if z is not None and b is not None and o.speaker != t.speaker
    ]
    if not pairs:
        return []
    known = [(t.speaker, z) for t, z in scored if z is not None]
    far = [abs(a - b) for i, (s, a) in enumerate(known) for p, b in known[:i] if s != p]
    near, chance = fmean(p[2] for p in pairs), -fmean(far)
    z, b, n, s = ([p[i] for p in pairs] for i in range(4))
    return [(feature, len(pairs), near, chance, near - chance, _corr(z, b), _corr(n, s))]


def _corr(x: list[float], y: list[float]) -> float | None:
    dx, dy = [a - fmean(x) for a in x], [a - fmean(y) for a in y]
    xx, yy = math.fsum(a * a for a in dx), math.fsum(a * a for a in dy)
    together = math.fsum(a * b for a, b in zip(dx, dy, strict=True))
    return together / math.sqrt(xx * yy) if xx * yy > 1e-12 else None


def coordination(said: Sequence[Said], classes: dict[str, set[str]]) -> list[Row]:
    rows = []
    for me in {s.speaker for s in said}:
        for other in {s.speaker for s in said} - {me}:
            replies = [
                (_words(a), _words(b)) for a, b in pairwise(said)
                if a.speaker == other and b.speaker == me and _words(a) and _words(b)
            ]  # fmt: skip
            for name, words in classes.items() if replies else ():
                prompted = [bool(b & words) for a, b in replies if a & words]
                own = sum(bool(b & words) for _, b in replies)
                c = sum(prompted) / len(prompted) - own / len(replies) if prompted else None
                rows.append((me, other, name, len(replies), len(prompted), sum(prompted), own, c))
    return sorted(rows, key=lambda row: row[:3])


def _words(said: Said) -> set[str]:
    return set(re.findall("[a-z']+", said.text.lower()))


def _topic(said: Said) -> str | None:
    topic = said.more.get("topic")
    return topic if isinstance(topic, str) or topic is None else next(iter(topic.values()))


def topics(said: Sequence[Said]) -> list[Row]:
    told = [(t, _topic(t.said)) for t in turns(said) if _topic(t.said)]
    rows, seen = [], set()
    for n, (topic, run) in enumerate(groupby(told, key=lambda pair: pair[1]), 1):
        own = [t for t, _ in run]
        words = sum(len(t.said.text.split()) for t in own)
        span = min(t.start for t in own) / 1e3, max(t.end for t in own) / 1e3
        rows.append(
            (n, topic, topic, own[0].number, own[-1].number, len(own), words, *span, topic in seen)
        )
        seen.add(topic)
    return rows


def topic_shifts(said: Sequence[Said]) -> list[Row]:
    every = {t.number: t for t in turns(said)}
    return [
        (
            b[3],
            every[b[3]].start / 1e3,
            every[b[3]].speaker,
            a[1],
            a[2],
            b[1],
            b[2],
            a[8] - a[7],
            b[9],
        )
        for a, b in pairwise(topics(said))
    ]


def heard_words(said: Sequence[Said]) -> list[Row]:
    rows = []
    for t in turns(said):
        if how := t.said.spoken:
            words = t.said.text.split()
            heard = len(words) if how["cut"] is None else how["cut"]
            status, cause = ("interrupted", how["cause"]) if t.cut else ("completed", None)
            unheard = " ".join(words[heard:]) if t.cut else None
            rows.append((
                t.number, f"t{t.number}", t.speaker, status, len(words), heard, len(words) - heard,
                heard / len(words), cause, unheard,
            ))  # fmt: skip
    return rows


def response_latency(said: Sequence[Said]) -> list[Row]:
    rows = []
    for a, b in pairwise(turns(said)):
        how = b.said.spoken
        if how and not a.said.spoken and a.end > a.begin:
            asked = b.start - a.end
            parts = asked, how["begun_ms"], how["first_audio_ms"] - how["begun_ms"]
            rows.append((
                b.number, f"t{b.number}", b.speaker, a.speaker, how["voice"], "kokoro", *parts,
                b.begin - a.end, 0, asked < 0,
            ))  # fmt: skip
    return rows


def style_consistency(conversations: dict[str, Sequence[Said]]) -> list[Row]:
    measured = []
    for name, said in conversations.items():
        for t in turns(said):
            features = t.said.more.get("features")
            if t.said.spoken and features:
                measured.append((name, t, t.said.spoken, features))

    def planned(how: dict[str, Any], key: str) -> float:
        size = sum(len(p["text"]) for p in how["phrases"])
        return math.fsum(len(p["text"]) * p[key] for p in how["phrases"]) / size

    def errors(voice: str) -> Iterator[tuple[float, ...]]:
        for _, _, how, f in measured:
            if how["voice"] == voice:
                yield error(how, f)

    def error(how: dict[str, Any], f: dict[str, float]) -> tuple[float, ...]:
        return (
            12 * math.log2(f["f0_median_hz"]) - planned(how, "pitch"),
            math.log2(f["rate_syll_s"] / planned(how, "speed")),
            f["loudness_lufs"] - planned(how, "loudness"),
            math.log2(f["f0_range_st"] / planned(how, "pitch_range")),
        )

    level = {
        voice: tuple(median(e[i] for e in errors(voice)) for i in range(4))
        for voice in {how["voice"] for _, _, how, _ in measured}
    }
    rows = []
    for name, t, how, f in measured:
        pitch, rate, loud, width = (
            e - base for e, base in zip(error(how, f), level[how["voice"]], strict=True)
        )
        p, r, loudness, wide = (
            planned(how, key) for key in ("pitch", "speed", "loudness", "pitch_range")
        )
        pause = math.fsum(x["pause_after_s"] for x in how["phrases"][:-1])
        final = how["phrases"][-1]["final"]
        rows.append((
            name, t.number, f"t{t.number}", t.speaker, how["voice"], "kokoro", p, p + pitch, pitch,
            r, r * 2**rate, rate, loudness, loudness + loud, loud,
            pause, f["pauses_s"], f["pauses_s"] - pause, wide, wide * 2**width, width,
            final, f["f0_final_slope"], None if final is None else f["f0_final_slope"] - final,
        ))  # fmt: skip
    return sorted(rows, key=lambda row: row[:2])


OF_ONE: dict[str, Callable[[Sequence[Said]], list[Row]]] = {
    function.__name__: function
    for function in (
        speech_units, floor, floor_turns, floor_transfers, silences, overlaps, interruptions,
        backchannels, turn_taking, talk_share, balance, emotion_trajectory, recoveries,
        affect_summary, patterns, adjacency, entrainment, topics, topic_shifts, heard_words,
        response_latency,
    )
}  # fmt: skip
