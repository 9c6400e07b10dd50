"""Every command, every refusal; and any command twice makes no more of it than once."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors import decisions
from actors.commands import End, Fork, Interrupt, Join, Leave, Listen, Newcomer, Speak, Start
from actors.directing import LIMITS, Tone
from actors.engines.base import Capabilities, EngineDescription
from actors.engines.voices import CATALOGUE
from actors.refusals import (
    ConversationEnded,
    ConversationExists,
    NotAVoice,
    Refused,
    TurnIdConflict,
    TurnNotSpoken,
    TurnTimesReversed,
    UnknownConversation,
    UnknownSpeaker,
    UnspeakableText,
)
from actors.understanding.reader import TextReader
from actors.voices import Voices
from events.codec import CODEC
from events.envelope import Recorded
from events.state import State, evolve
from events.transcript import Transcript
from events.turn import Turn
from events.turns import (
    Ended,
    Event,
    Forked,
    ParticipantJoined,
    ParticipantLeft,
    Started,
    TurnBegun,
    TurnCompleted,
    TurnFailed,
    TurnHeard,
    TurnInterrupted,
    VoiceAssigned,
    Words,
    words_json,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
VOICES = Voices(CATALOGUE)
ENGINE = EngineDescription("scripted", Capabilities(), ())
READER = TextReader()
HELLO = Speak("t1", "ann", "Hello there, world.")
WORDS: Words = (("Hello", 0.0, 0.4), ("there,", 0.4, 0.8), ("world.", 0.8, 1.2))


class Past:
    """A conversation on paper: facts in, state and turns out."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.events: list[Event] = []
        self.state, self.turns = State("c"), Transcript()
        self.add(events)

    def add(self, events: Iterable[Event]) -> "Past":
        for event in events:
            self.events.append(event)
            self.state = evolve(self.state, event)
            self.turns.apply(event)
        return self

    def turn(self, turn_id: str = "t1") -> Turn:
        turn = self.turns.get(turn_id)
        assert turn is not None
        return turn

    def start(self, *people: str | Newcomer, **particulars: Any) -> list[Event]:
        newcomers = tuple(Newcomer(p) if isinstance(p, str) else p for p in people)
        return decisions.start(self.state, replace(Start(newcomers), **particulars), VOICES)

    def speak(self, command: Speak = HELLO) -> list[Event]:
        known = self.turns.get(command.turn_id)
        return decisions.speak(
            self.state, known, command, now=NOW, engine=ENGINE, voices=VOICES, reader=READER
        )

    def listen(self, command: Listen) -> list[Event]:
        return decisions.listen(
            self.state, self.turns.get(command.turn_id), command, NOW, reader=READER
        )

    def interrupt(self, played_ms: int = 500, turn_id: str = "t1") -> list[Event]:
        return decisions.interrupt(self.turn(turn_id), Interrupt(turn_id, played_ms, "bob"), NOW)

    def recorded(self) -> tuple[Recorded, ...]:
        return tuple(
            Recorded(n, "c", n, f"e{n}", e.type, e.schema_version, 1, "x", NOW, b"", e.data)
            for n, e in enumerate(CODEC.encode_all(self.events), start=1)
        )


def completed(turn_id: str = "t1", words: Words = WORDS, duration_s: float = 1.25) -> TurnCompleted:
    return TurnCompleted(
        turn_id=turn_id,
        audio="a1",
        duration_s=duration_s,
        words_json=words_json(words),
        completed_at=NOW,
    )


def two_people() -> Past:
    past = Past()
    return past.add(past.start("ann", Newcomer("bob", role="human")))


def spoken() -> Past:
    past = two_people()
    past.add(past.speak())
    return past.add([completed()])


def ended() -> Past:
    return spoken().add([Ended()])


def test_a_start_records_who_is_there_and_gives_agents_voices() -> None:
    events = Past().start("ann", Newcomer("bob", "Bob", "human"), metadata={"k": 1})
    kinds = [type(event) for event in events]
    assert kinds == [Started, ParticipantJoined, VoiceAssigned, ParticipantJoined]
    state = Past(events).state
    assert state.metadata == {"k": 1}
    assert state.participants["bob"].name == "Bob"
    assert (state.participants["ann"].voice, state.participants["bob"].voice) == ("af_heart", None)


def test_an_intensity_is_a_part_of_what_was_started_once_it_was_given() -> None:
    plain = two_people()
    assert plain.start("ann", Newcomer("bob", role="human")) == []
    with pytest.raises(ConversationExists):
        plain.start("ann", Newcomer("bob", role="human"), intensity=0.6)
    own = Newcomer("ann", intensity=0.2)
    past = Past(Past().start(own, "bob", intensity=0.0))
    assert past.state.intensity == 0.0
    assert past.state.participants["ann"].intensity == 0.2
    assert past.start(own, "bob", intensity=0.0) == []
    with pytest.raises(ConversationExists):
        past.start("ann", "bob", intensity=0.0)


def test_a_conversation_that_was_started_without_an_intensity_is_the_same_for_ever() -> None:
    (started, *_) = Past().start("ann")
    assert isinstance(started, Started)
    assert started.fingerprint == decisions.fingerprint([("ann", None, "agent", None)], 10, {})


def test_who_comes_back_may_bring_another_intensity() -> None:
    past = two_people()
    past.add([ParticipantLeft(participant_id="ann")])
    back = decisions.join(past.state, Join(Newcomer("ann", intensity=0.1)), VOICES)
    assert past.add(back).state.participants["ann"].intensity == 0.1


def test_the_limits_of_expression_are_those_of_the_conversations_means() -> None:
    narrow = replace(LIMITS, low=Tone(-0.1), high=Tone(0.1))
    able = replace(ENGINE, capabilities=Capabilities(pitch=True, loudness=True))
    (begun,) = decisions.speak(
        two_people().state,
        None,
        replace(HELLO, emotion="fear"),
        now=NOW,
        engine=able,
        voices=VOICES,
        reader=READER,
        limits=narrow,
    )
    assert isinstance(begun, TurnBegun)
    assert {phrase.pitch for phrase in begun.direction.phrases} == {0.1}


@pytest.mark.parametrize("asked", ["af_heart", "marin"])
@pytest.mark.parametrize("first", [True, False])
def test_nobody_is_given_the_voice_that_somebody_asked_for(asked: str, first: bool) -> None:
    people = [Newcomer("ann", voice=asked), Newcomer("bob"), Newcomer("eve")]
    state = Past(Past().start(*(people if first else people[::-1]))).state
    assert state.participants["ann"].voice == "af_heart"
    assert len({p.voice for p in state.participants.values()}) == 3


@given(st.integers(1, len(CATALOGUE)))
def test_as_many_agents_as_there_are_voices_have_different_ones(count: int) -> None:
    state = Past(Past().start(*map(str, range(count)))).state
    assert len({p.voice for p in state.participants.values()}) == count


def test_a_start_with_other_particulars_is_a_conflict() -> None:
    with pytest.raises(ConversationExists, match="'c' was started before"):
        two_people().start("ann")


def test_a_start_with_an_unknown_voice_is_refused() -> None:
    with pytest.raises(NotAVoice, match="af_heart"):
        Past().start(Newcomer("ann", voice="af_hart"))


def test_who_joins_later_gets_a_voice_that_nobody_has() -> None:
    past = two_people()
    past.add(decisions.join(past.state, Join(Newcomer("eve")), VOICES))
    assert past.state.participants["eve"].voice not in (None, "af_heart")


def test_who_comes_back_has_the_same_voice_and_name() -> None:
    past = two_people()
    before = past.state.participants["ann"]
    past.add(decisions.leave(past.state, Leave("ann")))
    assert not past.state.participants["ann"].present
    back = Join(Newcomer("ann", "Anna", voice="am_puck"))
    past.add(decisions.join(past.state, back, VOICES))
    assert past.state.participants["ann"] == before


def test_nobody_can_leave_who_was_never_there() -> None:
    past = two_people()
    with pytest.raises(UnknownSpeaker, match="'ann', 'bob'"):
        decisions.leave(past.state, Leave("eve"))


def test_a_line_begins_with_a_number_a_direction_and_a_reason() -> None:
    past = two_people()
    (begun,) = past.speak()
    assert isinstance(begun, TurnBegun)
    assert (begun.turn, begun.engine, begun.begun_at) == (1, "scripted", NOW)
    assert begun.direction.voice == "af_heart"
    assert begun.direction.reasons[0].rule == "a voice is for good"


def test_what_is_heard_and_what_is_spoken_is_read_once_and_recorded() -> None:
    past = two_people()
    past.add(past.listen(Listen("h1", "bob", "I love this garden! Do you?")))
    past.add(past.speak(replace(HELLO, text="Yes, it is wonderful!")))
    heard, begun = (turn.opening for turn in past.turns)
    assert (heard.act, begun.act) == ("yes_no_question", "yes_answer")
    assert heard.affect is not None
    assert heard.affect.category == "joy"
    assert begun.affect is not None
    assert begun.affect.sources == ("text", "context")
    assert past.state.emotions["bob"].valence > 0


def test_a_turn_taken_up_again_keeps_its_first_reading() -> None:
    past = two_people()
    past.add(past.speak())
    past.add([TurnFailed(turn_id="t1", cause="engine", failed_at=NOW)])
    past.add(past.listen(Listen("h1", "bob", "I hate this, you idiot!")))
    first = past.turn().opening
    (again,) = past.speak()
    assert isinstance(again, TurnBegun)
    told = ("affect", "act", "topic", "timing", "unread")
    assert [getattr(again, name) for name in told] == [getattr(first, name) for name in told]


def test_a_voice_for_one_line_leaves_the_speakers_own() -> None:
    past = two_people()
    past.add(past.speak(replace(HELLO, voice="nova")))
    (begun,) = (e for e in past.events if isinstance(e, TurnBegun))
    assert begun.direction.voice == "af_nova"
    assert past.state.participants["ann"].voice == "af_heart"


def test_a_human_who_is_to_speak_is_given_a_voice_for_good() -> None:
    past = two_people()
    given, begun = past.speak(Speak("t1", "bob", "Hello."))
    assert isinstance(given, VoiceAssigned)
    assert isinstance(begun, TurnBegun)
    assert begun.direction.voice == given.voice != "af_heart"


def test_a_speaker_may_open_a_conversation_by_speaking() -> None:
    events = Past().speak(replace(HELLO, join=True, voice="alloy"))
    kinds = [type(event) for event in events]
    assert kinds == [Started, ParticipantJoined, VoiceAssigned, TurnBegun]


def test_a_stranger_may_join_by_speaking_and_is_known_the_next_time() -> None:
    past = two_people()
    past.add(past.speak(Speak("t1", "eve", "Hello.", join=True)))
    assert past.state.participants["eve"].present
    (again,) = past.speak(Speak("t2", "eve", "Hello.", join=True))
    assert isinstance(again, TurnBegun)


@pytest.mark.parametrize(
    ("past", "command", "refusal"),
    [
        (Past, HELLO, UnknownConversation),
        (ended, Speak("t2", "ann", "Hello."), ConversationEnded),
        (ended, Speak("t2", "eve", "Hello.", join=True), ConversationEnded),
        (two_people, Speak("t1", "eve", "Hello."), UnknownSpeaker),
        (two_people, Speak("t1", "ann", " … — !"), UnspeakableText),
        (two_people, Speak("t1", "ann", "Hello.", voice="nobody"), NotAVoice),
        (spoken, replace(HELLO, text="Other words."), TurnIdConflict),
        (spoken, replace(HELLO, speed=2.0), TurnIdConflict),
        (spoken, replace(HELLO, speaker_id="bob"), TurnIdConflict),
    ],
)
def test_a_line_is_refused(
    past: Callable[[], Past], command: Speak, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        past().speak(command)


@pytest.mark.parametrize(
    ("past", "command", "refusal"),
    [
        (Past, Listen("t1", "bob", "Hi."), UnknownConversation),
        (ended, Listen("t2", "bob", "Hi."), ConversationEnded),
        (two_people, Listen("t1", "eve", "Hi."), UnknownSpeaker),
        (spoken, Listen("t1", "ann", HELLO.text), TurnIdConflict),
        (
            two_people,
            Listen("t1", "bob", "Hi.", NOW, NOW - timedelta(seconds=1)),
            TurnTimesReversed,
        ),
    ],
)
def test_what_was_heard_is_refused(
    past: Callable[[], Past], command: Listen, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        past().listen(command)


def test_what_was_heard_is_a_turn_like_any_other() -> None:
    past = spoken()
    (heard,) = past.listen(Listen("t2", "bob", "Hi there."))
    assert isinstance(heard, TurnHeard)
    assert (heard.turn, heard.heard_at) == (2, NOW)


def test_an_ended_conversation_still_answers_a_repetition() -> None:
    assert ended().speak() == []


def again(past: Past, decide: Callable[[], list[Event]]) -> tuple[list[Event], list[Event]]:
    first = decide()
    past.add(first)
    return first, decide()


@pytest.mark.parametrize(
    "command",
    [
        lambda past: decisions.join(past.state, Join(Newcomer("eve")), VOICES),
        lambda past: decisions.leave(past.state, Leave("bob")),
        lambda past: past.listen(Listen("t2", "bob", "Hi.", NOW, NOW)),
        lambda past: past.speak(Speak("t2", "ann", "More.")),
        lambda past: past.speak(Speak("t2", "eve", "More.", join=True)),
        lambda past: past.interrupt(),
        lambda past: decisions.end(past.state, End()),
        lambda past: decisions.lost(past.turns, NOW),
    ],
)
def test_a_command_twice_is_a_command_once(command: Callable[[Past], list[Event]]) -> None:
    past = spoken()
    past.add(past.speak(Speak("begun", "ann", "Not finished")))
    first, second = again(past, lambda: command(past))
    assert first
    assert second == []


def test_a_start_twice_is_a_start_once() -> None:
    past = Past()
    first, second = again(past, lambda: past.start("ann", "bob", metadata={"b": 1, "a": [2]}))
    assert first
    assert second == []


@pytest.mark.parametrize(
    ("end", "again"),
    [
        (TurnFailed(turn_id="t1", cause="lost", failed_at=NOW), True),
        (TurnFailed(turn_id="t1", cause="busy", failed_at=NOW), True),
        (completed(), False),
        (None, False),
    ],
)
def test_only_what_is_not_whole_is_spoken_again(end: Event | None, again: bool) -> None:
    past = two_people()
    past.add(past.speak())
    past.add([end] if end else [])
    events = past.speak()
    assert bool(events) == again
    assert all(isinstance(event, TurnBegun) and event.turn == 1 for event in events)


@pytest.mark.parametrize(("cause", "again"), [("listener_left", True), ("barge_in", False)])
def test_a_broken_connection_is_no_reason_to_fall_silent_but_a_barge_in_is(
    cause: str, again: bool
) -> None:
    past = two_people()
    past.add(past.speak())
    command = Interrupt("t1", 100, cause=cause)  # type: ignore[arg-type]
    past.add(decisions.interrupt(past.turn(), command, NOW, audio="a", duration_s=0.5, words=()))
    assert bool(past.speak()) == again


def test_a_turn_taken_up_again_can_be_interrupted_again() -> None:
    past = two_people()
    past.add(past.speak())
    left = Interrupt("t1", 100, cause="listener_left")
    past.add(decisions.interrupt(past.turn(), left, NOW, audio="a", duration_s=0.5, words=()))
    past.add(past.speak())
    assert len(past.interrupt()) == 1


def test_what_was_heard_or_failed_cannot_be_interrupted() -> None:
    past = two_people()
    past.add(past.listen(Listen("t1", "bob", "Hi.")))
    past.add(past.speak(replace(HELLO, turn_id="t2")))
    past.add([TurnFailed(turn_id="t2", cause="engine", failed_at=NOW)])
    for turn_id in ("t1", "t2"):
        with pytest.raises(TurnNotSpoken):
            past.interrupt(turn_id=turn_id)


@pytest.mark.parametrize(
    ("played_ms", "heard", "unheard"),
    [
        (0, "", "Hello there, world."),
        (399 - 1, "", "Hello there, world."),
        (400, "Hello", "there, world."),
        (800, "Hello there,", "world."),
        (1200, "Hello there, world.", ""),
        (99_999, "Hello there, world.", ""),
    ],
)
def test_heard_are_the_words_that_were_played_to_their_end(
    played_ms: int, heard: str, unheard: str
) -> None:
    (cut,) = spoken().interrupt(played_ms)
    assert isinstance(cut, TurnInterrupted)
    assert (cut.heard_text, cut.unheard_text) == (heard, unheard)
    assert cut.audio_played_ms == min(played_ms, 1250)
    assert cut.by == "bob"


@pytest.mark.parametrize(("played_ms", "heard"), [(0, ""), (700, "Hello"), (9999, HELLO.text)])
def test_without_word_times_a_share_of_the_words_was_heard(played_ms: int, heard: str) -> None:
    past = two_people()
    past.add(past.speak())
    past.add([completed(words=())])
    (cut,) = past.interrupt(played_ms)
    assert isinstance(cut, TurnInterrupted)
    assert cut.heard_text == heard


@given(
    count=st.integers(1, 40),
    total_s=st.floats(0.01, 100),
    share=st.floats(0, 1.5),
    timed=st.booleans(),
)
def test_every_word_was_either_heard_or_not(
    count: int, total_s: float, share: float, timed: bool
) -> None:
    said = [f"w{n}" for n in range(count)]
    step = total_s / count
    words = tuple((w, n * step, round((n + 1) * step, 4)) for n, w in enumerate(said))
    past = two_people()
    past.add(past.speak(replace(HELLO, text=" ".join(said))))
    past.add([completed(words=words if timed else (), duration_s=total_s)])
    (cut,) = past.interrupt(round(share * total_s * 1000))
    assert isinstance(cut, TurnInterrupted)
    assert [*cut.heard_text.split(), *cut.unheard_text.split()] == said
    if share >= 1.1:
        assert cut.unheard_text == ""


def test_the_lost_are_those_that_nobody_finished() -> None:
    past = spoken()
    past.add(past.speak(Speak("t2", "ann", "Unfinished")))
    (failed,) = decisions.lost(past.turns, NOW)
    assert failed == TurnFailed(turn_id="t2", cause="lost", failed_at=NOW)


def test_a_fork_shares_the_past_and_loses_what_was_being_spoken() -> None:
    source = spoken()
    source.add(source.speak(Speak("t2", "ann", "Unfinished")))
    fork = Past(decisions.fork(State("f"), Fork("c", source.recorded()), NOW))
    assert fork.events[: len(source.events)] == source.events
    assert fork.state.forked_from == ("c", len(source.events))
    assert fork.turn("t2").status == "failed"
    assert fork.turn("t1") == source.turn("t1")


def test_a_fork_of_an_ended_conversation_goes_on() -> None:
    source = ended()
    fork = Past(decisions.fork(State("f"), Fork("c", source.recorded()), NOW))
    assert fork.state.status == "active"
    assert fork.speak(Speak("t2", "ann", "On we go."))


def test_a_fork_twice_is_a_fork_once_and_from_elsewhere_a_conflict() -> None:
    source = spoken()
    fork = Past()
    command = Fork("c", source.recorded())
    first, second = again(fork, lambda: decisions.fork(fork.state, command, NOW))
    assert isinstance(first[-1], Forked)
    assert second == []
    with pytest.raises(ConversationExists):
        decisions.fork(fork.state, Fork("other", source.recorded()), NOW)
    with pytest.raises(ConversationExists):
        decisions.fork(source.state, command, NOW)


def test_what_is_opened_or_forked_belongs_to_the_key_that_did() -> None:
    past = Past()
    past.add(past.start("ann", owner="mine"))
    assert past.state.owner == "mine"
    past.add(past.speak())
    past.add([completed()])
    assert past.state.owner == "mine"
    for owner in ("mine", "yours", None):
        fork = Past(decisions.fork(State("f"), Fork("c", past.recorded(), owner=owner), NOW))
        assert fork.state.owner == owner


def test_the_same_words_of_another_key_are_a_conflict() -> None:
    past = Past()
    past.add(past.start("ann", owner="mine"))
    assert past.start("ann", owner="mine") == []
    for stranger in ("yours", None):
        with pytest.raises(ConversationExists):
            past.start("ann", owner=stranger)
    fork = Past(decisions.fork(State("f"), Fork("c", past.recorded(), owner="mine"), NOW))
    with pytest.raises(ConversationExists):
        decisions.fork(fork.state, Fork("c", past.recorded(), owner="yours"), NOW)


def test_who_joins_by_speaking_joins_no_conversation_of_another() -> None:
    past = Past()
    line = Speak("t1", "ann", "Hello.", join=True, owner="mine")
    past.add(past.speak(line))
    assert past.state.owner == "mine"
    with pytest.raises(UnknownConversation):
        past.speak(replace(line, owner="yours"))
    with pytest.raises(UnknownConversation):
        past.speak(replace(line, turn_id="t2", owner="yours"))
    assert past.speak(replace(line, turn_id="t2"))
    assert past.speak(replace(line, turn_id="t3", owner=None)), "where there are no keys"


def test_what_was_never_started_cannot_end_nor_be_joined_or_left() -> None:
    new = State("c")
    commands: tuple[Callable[[], list[Event]], ...] = (
        lambda: decisions.end(new, End()),
        lambda: decisions.join(new, Join(Newcomer("ann")), VOICES),
        lambda: decisions.leave(new, Leave("ann")),
    )
    for decide in commands:
        with pytest.raises(UnknownConversation, match="'c'"):
            decide()


def test_leaving_is_a_fact() -> None:
    past = two_people()
    (left,) = decisions.leave(past.state, Leave("bob"))
    assert left == ParticipantLeft(participant_id="bob")
    past.add([left])
    with pytest.raises(UnknownSpeaker, match="the participants are 'ann'"):
        past.listen(Listen("t1", "bob", "Hi."))


def test_the_order_in_which_a_mapping_was_written_makes_no_other_request() -> None:
    one, other = {"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 3, "c": 2}, "a": 1}
    assert decisions.fingerprint(one) == decisions.fingerprint(other)
    assert decisions.fingerprint(one) != decisions.fingerprint({**one, "a": 2})
