from actors.understanding.topics import topic_of
from events.readings import Topic
from events.state import MOST_TOPICS, State, evolve
from tests.unit.events.facts import heard

COFFEE = (
    "I would like a latte with extra foam.",
    "The latte has almond milk and foam.",
    "Is the almond milk roasted?",
    "The foam is made of almond milk.",
)


def talk(*lines: str, state: State | None = None) -> State:
    state = state or State("c")
    for number, text in enumerate(lines, start=state.turn_count + 1):
        speaker = "ann" if number % 2 else "bob"
        topic = topic_of(text, state)
        state = evolve(state, heard(number, speaker=speaker, text=text, topic=topic))
    return state


def test_nothing_is_spoken_of_before_a_content_word() -> None:
    assert topic_of("Well, okay.", State("c")) is None


def test_a_topic_is_named_by_what_is_said_most() -> None:
    state = talk(*COFFEE)
    assert [topic.id for topic in state.topics] == [1]
    assert state.topic is not None
    assert {"foam", "almond"} <= set(state.topic.split(", "))


def label_of(*lines: str) -> set[str]:
    topic = talk(*lines).topic
    assert topic is not None
    return set(topic.split(", "))


def test_a_label_shows_words_and_not_their_stems() -> None:
    assert label_of("Good evening, ladies.", "The evening dresses are here.") >= {"evening"}


def test_of_the_forms_of_a_word_the_one_of_most_turns_is_shown() -> None:
    assert "trains" in label_of("The train to Rome.", "Trains to Rome.", "Trains to Milan.")


def test_of_forms_as_common_the_one_that_was_shown_stays() -> None:
    assert "train" in label_of("The train to Rome.", "Trains to Milan.")


def test_words_of_one_stem_are_one_term() -> None:
    state = talk("The singer sings.", "Singing singers rehearse.")
    assert state.topic is not None
    assert len(state.topic.split(", ")) == len(set(state.topic.split(", ")))
    assert len(state.topics) == 1


def test_a_label_is_known_again_by_any_form_of_its_words() -> None:
    state = talk(*COFFEE, "By the way, the football match was cancelled.")
    state = talk(
        "The football players wore scarves.",
        "Football matches need referees.",
        "Anyway, foams and lattes with almonds, please.",
        state=state,
    )
    assert state.topics[-1].id == 1


def test_other_words_and_a_sign_make_another_topic() -> None:
    state = talk(*COFFEE, "By the way, the football match was cancelled.")
    assert [topic.id for topic in state.topics] == [1, 2]
    assert state.topic is not None
    assert "football" in state.topic


def test_a_short_answer_is_about_what_was_asked() -> None:
    state = talk(*COFFEE, "Yes, really.")
    assert len(state.topics) == 1


def test_a_topic_that_is_taken_up_again_keeps_its_number() -> None:
    state = talk(*COFFEE, "By the way, the football match was cancelled.")
    state = talk(
        "The football players wore scarves.",
        "Football matches need referees.",
        "Football players and referees argue.",
        "Anyway, another latte with almond milk and foam, please.",
        state=state,
    )
    assert state.topics[-1].id == 1
    assert sorted(topic.id for topic in state.topics) == [1, 2]


def test_only_so_many_topics_are_remembered() -> None:
    state = State("c")
    for number in range(1, MOST_TOPICS + 10):
        state = evolve(state, heard(number, topic=Topic(id=number, label=f"t{number}")))
    assert len(state.topics) == MOST_TOPICS
    assert state.topics[-1].id == MOST_TOPICS + 9
