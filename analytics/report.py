"""One HTML file about a conversation, or several: the plots, the tables, and what they come to."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from statistics import median
from typing import Any, TypeAlias

from analytics.plots import PLOTS, Theme
from analytics.plots.tables import Row, Tables

Draw: TypeAlias = Callable[[str, Tables, Theme], bytes]

READS = (
    *("turns", "talk_share", "turn_taking", "interruptions", "adjacency", "latency"),
    *("floor_transfers", "voices_used"),
)
"""Views, beside those of the plots."""
MOST_ROWS = 40
PEOPLE_TRANSFER_S = 0.14
"""Median offset of floor transfers in the ICSI meetings; see `plots.floor_transfers`."""

_STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1f2933;--faint:#667080;--line:#d5dae1}
@media(prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e6eaef;--faint:#9aa5b1;
--line:#3a434d}}
body{font:16px/1.55 system-ui,sans-serif;background:var(--paper);color:var(--ink);margin:0}
main{max-width:60rem;margin:0 auto;padding:2.5rem 1.25rem}
h1{font-size:1.7rem;margin:0}h2{font-size:1.2rem;margin:2.6rem 0 .4rem}
.faint,figcaption,caption{color:var(--faint)}li{margin:.3rem 0}
figure{margin:1.2rem 0 1.8rem}img{width:100%;height:auto}
div.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.88rem;min-width:60%}
caption{text-align:left;padding:.3rem 0}
th,td{text-align:left;padding:.32rem .8rem .32rem 0;border-bottom:1px solid var(--line);
vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
s{color:var(--faint)}
"""


def write(tables: Tables, title: str, draw: Draw | None) -> str:
    """The report as one HTML file that needs no other.

    Args:
        tables: The rows of `READS` and of the plots.
        title: What it is about.
        draw: Draws a plot as SVG; None where nothing can be drawn.
    """
    body = "\n".join(
        [
            f"<h1>{escape(title)}</h1>",
            f'<p class="faint">Up to position {tables.position:,} of the log.</p>',
            "<h2>In short</h2>",
            _list(sentences(tables)),
            *_figures(tables, draw),
            *_tables(tables),
        ]
    )
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n<main>\n{body}\n</main>\n</html>\n"
    )


def sentences(tables: Tables) -> Iterator[str]:
    """What the tables come to; nothing about what is not known."""
    turns = tables.rows("turns")
    if not turns:
        yield "Nothing has been said."
        return
    people = {(turn["conversation_id"], turn["speaker_id"]) for turn in turns}
    dialogues = len({turn["conversation_id"] for turn in turns})
    where = "" if dialogues == 1 else f" in {dialogues:,} conversations"
    yield f"{_many(len(people), 'speaker')} took {_many(len(turns), 'turn')}{where}."
    yield from _of_talk(tables)
    yield from _of_floor(tables)
    yield from _of_questions(tables)
    yield from _of_speech(tables)


def _of_talk(tables: Tables) -> Iterator[str]:
    shares = tables.rows("talk_share", "share")
    if tables.of_one and len(shares) > 1:
        most = max(shares, key=lambda row: row["share"])
        yield (
            f"{most['speaker_id']} spoke most: {most['share']:.0%} of all speech, where an even "
            f"share would be {1 / len(shares):.0%}."
        )


def _of_floor(tables: Tables) -> Iterator[str]:
    offsets = [row["transfer_s"] for row in tables.rows("floor_transfers", "transfer_s")]
    if offsets:
        middle = median(offsets)
        slower = "later than" if middle > PEOPLE_TRANSFER_S else "sooner than"
        slower = "as soon as" if abs(middle - PEOPLE_TRANSFER_S) < 0.05 else slower
        yield (
            f"The floor changed hands {_many(len(offsets), 'time')}, half of them within "
            f"{middle:+.2f} s of the last speaker's end: {slower} people in meetings do "
            f"({PEOPLE_TRANSFER_S:+.2f} s)."
        )
    cut = tables.rows("interruptions")
    if cut:
        recorded = sum(row["kind"] == "barge_in" for row in cut)
        told = f", {recorded:,} of them of turns that we spoke" if recorded else ""
        yield f"{_many(len(cut), 'interruption')}{told}."
    for row in (
        tables.rows("turn_taking", "silence_share", "overlap_share") if tables.of_one else ()
    ):
        yield (
            f"Nobody spoke for {row['silence_share']:.0%} of the time, two or more for "
            f"{row['overlap_share']:.0%} of the speech; the longest silence took "
            f"{row['longest_silence_s'] or 0:.1f} s."
        )


def _of_questions(tables: Tables) -> Iterator[str]:
    asked = tables.rows("adjacency", "answered")
    if asked:
        open_ = sum(not row["answered"] for row in asked)
        yield f"{_many(len(asked), 'question')}, {open_:,} of them without an answer."


def _of_speech(tables: Tables) -> Iterator[str]:
    waits = sorted(row["first_audio_ms"] for row in tables.rows("latency", "first_audio_ms"))
    if waits:
        late = waits[min(len(waits) - 1, int(0.9 * len(waits)))]
        yield (
            f"Of {_many(len(waits), 'spoken turn')}, half sounded within {median(waits):,.0f} ms "
            f"and nine in ten within {late:,.0f} ms of being asked for."
        )
    unheard = [row for row in tables.rows("turns") if row.get("unheard_text")]
    if unheard:
        words = sum(len(row["unheard_text"].split()) for row in unheard)
        yield f"{_many(words, 'word')} of {_many(len(unheard), 'turn')} were not heard by anybody."
    failed = sum(row["status"] == "failed" for row in tables.rows("turns"))
    if failed:
        yield f"{_many(failed, 'turn')} could not be spoken."


def _figures(tables: Tables, draw: Draw | None) -> Iterator[str]:
    yield "<h2>Plots</h2>"
    if draw is None:
        yield "<p>Plots need matplotlib: install Colloquy with its extra <code>plots</code>.</p>"
        return
    for name, plot in PLOTS.items():
        if plot.of_one and not tables.of_one:
            continue
        light, dark = (_data(draw(name, tables, theme)) for theme in ("light", "dark"))
        said = escape(plot.summary)
        yield (
            f'<figure><picture><source srcset="{dark}" media="(prefers-color-scheme:dark)">'
            f'<img src="{light}" alt="{said}"></picture><figcaption>{said}.</figcaption></figure>'
        )


def _tables(tables: Tables) -> Iterator[str]:
    yield "<h2>Tables</h2>"
    yield _table("Talk", tables.rows("talk_share"), (
        "conversation_id", "speaker_id", "speech_s", "share", "turns", "words",
    ))  # fmt: skip
    yield _table("Turn-taking", tables.rows("turn_taking"), (
        "conversation_id", "span_s", "silence_share", "overlap_share", "transfers",
        "transfer_median_s", "interruptions",
    ))  # fmt: skip
    cut = [row for row in tables.rows("turns") if row["status"] == "interrupted"]
    yield _table("Cut short", cut, (
        "conversation_id", "turn", "speaker_id", "cause", "cut_by", "heard_text", "unheard_text",
    ))  # fmt: skip
    waiting = [row for row in tables.rows("adjacency") if row.get("answered") is False]
    yield _table("Questions without an answer", waiting, tuple(waiting[0])[:6] if waiting else ())
    yield _table("Voices", tables.rows("voices_used"), (
        "voice", "engine", "turns", "audio_s", "conversations", "failures",
    ))  # fmt: skip


def _table(caption: str, rows: Sequence[Row], columns: Sequence[str]) -> str:
    shown = [name for name in columns if rows and name in rows[0]]
    if not shown:
        return ""
    numeric = {c for c in shown if all(isinstance(r[c], int | float | None) for r in rows)}
    head = "".join(f"<th{_class(c in numeric)}>{escape(c)}</th>" for c in shown)
    body = "\n".join(_row(row, shown, numeric) for row in rows[:MOST_ROWS])
    more = f" (the first {MOST_ROWS} of {len(rows):,})" if len(rows) > MOST_ROWS else ""
    return (
        f'<div class="wide"><table><caption>{escape(caption)}{more}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
    )


def _row(row: Mapping[str, Any], columns: Iterable[str], numeric: set[str]) -> str:
    cells = (f"<td{_class(c in numeric)}>{escape(_readable(row[c]))}</td>" for c in columns)
    return f"<tr>{''.join(cells)}</tr>"


def _class(number: bool) -> str:
    return ' class="n"' if number else ""


def _readable(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case float():
            return f"{cell:,.3f}"
        case int():
            return f"{cell:,}"
        case _:
            return str(cell)


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _data(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg).decode()}"


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
