"""What a piece of a dictated turn makes of a conversation.

Pure. The first piece begins the turn, each other one extends it; all are recorded before they are
heard. So the record has, at any moment, the words and the direction of all that can have left.
"""

from dataclasses import replace
from datetime import datetime

from actors import decisions, prosody
from actors.commands import Speak
from actors.directing import Limits
from actors.engines.base import EngineDescription
from actors.live.cutting import Piece
from actors.refusals import TurnIdConflict, TurnOver
from actors.understanding.reader import Line, Reader
from actors.voices import Voices
from events.state import State
from events.turn import Turn
from events.turns import Event, TurnBegun, TurnExtended


def asked(line: Speak) -> str:
    """The fingerprint of a dictated turn: all but its text, which is told apart by its letters."""
    manner = (line.speaker_id, line.voice, line.speed, line.emotion)
    marked = ("marked",) * (line.marks is not None)
    return decisions.fingerprint("dictated", *manner, *marked)


def must_be_same(known: Turn, line: Speak) -> None:
    """Refuse a name that the record has for another turn, or for one that was not dictated."""
    if known.opening.fingerprint != asked(line):
        raise TurnIdConflict(known.turn_id)


def begin(
    state: State,
    line: Speak,
    piece: Piece,
    *,
    now: datetime,
    engine: EngineDescription,
    voices: Voices,
    reader: Reader,
    limits: Limits,
) -> list[Event]:
    """Begin a turn with its first piece."""
    *opening, begun = decisions.speak(
        state,
        None,
        _line_of(line, piece),
        now=now,
        engine=engine,
        voices=voices,
        reader=reader,
        limits=limits,
    )
    assert isinstance(begun, TurnBegun)  # noqa: S101
    return [*opening, begun.model_copy(update={"fingerprint": asked(line)})]


def begin_again(
    state: State, known: Turn, line: Speak, *, now: datetime, voices: Voices
) -> TurnBegun:
    """Take a turn up again with all that the record has of it, to be spoken as it was.

    Raises:
        TurnOver: it is being spoken, or was, and is not to be spoken again.
    """
    if not known.speakable_again:
        raise TurnOver(known.turn_id)
    decisions.may_speak(state, line, voices)
    opening, direction = known.opening, known.direction
    assert isinstance(opening, TurnBegun)  # noqa: S101
    assert direction is not None  # noqa: S101
    return TurnBegun(
        **{
            **{name: getattr(opening, name) for name in TurnBegun.model_fields},
            "text": known.text,
            "direction_json": direction.model_dump_json(),
            "begun_at": now,
            "affect": known.affect,
            "act": known.act,
            "topic": known.topic,
        }
    )


def extend(
    state: State,
    known: Turn | None,
    line: Speak,
    piece: Piece,
    *,
    now: datetime,
    engine: EngineDescription,
    reader: Reader,
    limits: Limits,
) -> TurnExtended:
    """Add a piece to a turn that is being spoken.

    Raises:
        TurnOver: it is not.
    """
    if known is None or known.status != "begun" or known.direction is None:
        raise TurnOver(line.turn_id)
    before = state.without_turn(line.turn_id)
    so_far = reader.read(before, Line(line.speaker_id, known.text + piece.text, now, now))
    direction = prosody.direct(
        state,
        _line_of(line, piece),
        voice=known.direction.voice,
        capabilities=engine.capabilities,
        reading=reader.read(before, Line(line.speaker_id, piece.text, now, now)),
        now=now,
        limits=limits,
    )
    return TurnExtended(
        turn_id=line.turn_id,
        text=piece.text,
        direction=direction,
        extended_at=now,
        affect=so_far.affect,
        act=so_far.act,
        topic=so_far.topic,
    )


def _line_of(line: Speak, piece: Piece) -> Speak:
    return replace(
        line, text=piece.text, marks=piece.marks, opens=piece.at == 0, goes_on=not piece.last
    )
