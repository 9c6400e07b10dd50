"""`colloquy explain`: why a turn sounded as it did."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.text import Text

from actors.context import Context, Speaker
from actors.understanding.acts import called
from events.direction import Direction
from events.readings import Affect, Features
from gateway.client import ColloquyError, Conversation, Turn
from gateway.commands.comparing import Level, Row, rows
from gateway.commands.refusals import Refused
from gateway.commands.views import aside, console, counted, plain_table

BESIDE = 200
"""Turns before the one that is explained, among which those of its voice are looked for."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A turn, and what of its conversation is needed to explain it."""

    conversation_id: str
    turn: Turn
    others: Sequence[Turn]
    """Of the same voice and engine, whose sound was measured."""


def explained(conversation: Conversation, name: str) -> Explained:
    """A turn, by its id or else by its number.

    Raises:
        Refused: there is no such turn.
        ColloquyError: the server does not answer, or there is no such conversation.
    """
    turn = _turn(conversation, name)
    around = conversation.turns(max(0, turn.turn - BESIDE), 2 * BESIDE)
    return Explained(conversation.id, turn, [each for each in around if _comparable(each, turn)])


def show(told: Explained, *, as_json: bool) -> None:
    if as_json:
        console().out(told.turn.model_dump_json(indent=2), highlight=False)
        return
    console().print(Group(*_told(told)))
    if told.turn.direction and not _features(told.turn):
        aside().print("The sound of this turn was not measured.", style="dim")


def _turn(conversation: Conversation, name: str) -> Turn:
    try:
        return conversation.turn(name)
    except ColloquyError as error:
        if error.code != "turn_not_found" or not name.isdecimal():
            raise
    found = conversation.turns(int(name) - 1, 1) if int(name) else []
    if not found or found[0].turn != int(name):
        raise Refused(f"Conversation {conversation.id!r} has no turn {name!r}, by id or number.")
    return conversation.turn(found[0].turn_id)


def _comparable(other: Turn, turn: Turn) -> bool:
    if other.turn_id == turn.turn_id or not _features(other):
        return False
    voices = [each.direction and each.direction["voice"] for each in (other, turn)]
    return voices[0] is not None and voices[0] == voices[1] and other.engine == turn.engine


def _features(turn: Turn) -> Features | None:
    return Features.model_validate(turn.features.model_dump()) if turn.features else None


def _told(told: Explained) -> Iterator[RenderableType]:
    turn = told.turn
    yield _headline(told)
    yield _read(turn)
    if turn.context is not None:
        context = Context.model_validate(turn.context.model_dump())
        yield _section("What bore on it", _context(context))
    if turn.direction is None:
        return
    direction = Direction.model_validate(turn.direction)
    yield _section("How it was directed", _reasons(direction))
    heard = _features(turn)
    if heard:
        others = [
            (Direction.model_validate(each.direction), measured)
            for each in told.others
            if (measured := _features(each))
        ]
        title = f"Planned and measured, beside {counted(len(others), 'other turn')} of the voice"
        yield _section(title, _compared(rows(direction, heard, Level.of(others))))


def _section(title: str, *body: RenderableType) -> RenderableType:
    return Group(Text(), Text(title, "bold"), *body)


def _headline(told: Explained) -> Text:
    turn = told.turn
    line = Text.assemble(f"Turn {turn.turn} of ", (told.conversation_id, "bold"))
    line.append(f", {turn.kind}, {turn.status}. ")
    return line.append(f"{turn.speaker_id}: ").append(turn.text, "italic")


def _read(turn: Turn) -> Text:
    felt = turn.affect and _felt(Affect.model_validate(turn.affect.model_dump()))
    parts = [
        called(turn.act) if turn.act else "act unread",
        turn.topic and f"about {turn.topic}",
        felt,
    ]
    unread = (turn.model_extra or {}).get("unread") or []
    parts += sorted({f"unread: {each['because']}" for each in unread})
    return Text(" · ".join(part for part in parts if part), "dim")


def _context(context: Context) -> RenderableType:
    table = plain_table("encoding", "")
    for name, told in (
        ("temporal", _temporal(context)),
        ("speaker", _speakers(context)),
        ("semantic", _semantic(context)),
        ("emotional", _emotional(context)),
    ):
        table.add_row(Text(name), Text("\n".join(filter(None, told))))
    return table


def _temporal(context: Context) -> Iterable[str]:
    when = context.temporal
    yield f"turn {when.turn}, {when.part} of the dialogue"
    if when.silence_ms is not None:
        usual = "" if when.usual_gap_ms is None else f", usually {when.usual_gap_ms} ms"
        yield f"{when.silence_ms} ms after {when.floor} had the floor{usual}"
    if when.interrupted:
        yield "the turn before was cut short"


def _speakers(context: Context) -> Iterable[str]:
    return (_speaker(name, speaker) for name, speaker in context.speakers.items())


def _speaker(name: str, speaker: Speaker) -> str:
    style = speaker.style
    facts = [
        f"intensity {speaker.intensity:g}" if speaker.voice else None,
        counted(speaker.turns, "turn"),
        _figure(speaker.word_share, "{:.0%} of the words"),
        _figure(style.words_a_second, "{:.1f} words a second"),
        _figure(style.pitch_hz, "{:.0f} Hz"),
        _figure(style.loudness_lufs, "{:.1f} LUFS"),
    ]
    who = f"{name} ({speaker.voice})" if speaker.voice else name
    return f"{who}: {', '.join(fact for fact in facts if fact)}"


def _figure(value: float | None, form: str) -> str | None:
    return None if value is None else form.format(value)


def _semantic(context: Context) -> Iterable[str]:
    what = context.semantic
    if what.topic:
        yield f"{what.topic}, for {counted(what.topic_turns, 'turn')}"
    if what.earlier_topics:
        yield f"before: {'; '.join(what.earlier_topics)}"
    yield ", ".join(f"{each.speaker_id}: {called(each.act or 'unread')}" for each in what.acts[-3:])
    if what.open_question:
        yield f"turn {what.open_question} asked and was not answered yet"


def _emotional(context: Context) -> Iterable[str]:
    how = context.emotional
    yield f"mood: {_felt(how.mood)}" if how.mood else "nothing was read yet"
    for name, felt in how.feelings.items():
        yield f"{name}: {_felt(felt)}"
    if how.partner:
        yield f"answered: {_felt(how.partner)}, confidence {how.partner.confidence:.2f}"


def _felt(felt: Affect) -> str:
    return f"{felt.category}, valence {felt.valence:+.2f}, arousal {felt.arousal:+.2f}"


def _reasons(direction: Direction) -> RenderableType:
    table = plain_table("rule", "because", "effect")
    for reason in direction.reasons:
        table.add_row(*map(Text, (reason.rule, reason.because, reason.effect)))
    return table


def _compared(compared: Iterable[Row]) -> RenderableType:
    table = plain_table("", "planned", "measured")
    for row in compared:
        table.add_row(*map(Text, (row.what, row.planned, row.measured)))
    return table
