import pytest

from actors.understanding.acts import act_of, called


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("The shop closes at six.", "statement"),
        ("Do you like it?", "yes_no_question"),
        ("do you want some coffee", "yes_no_question"),
        ("You came by train?", "yes_no_question"),
        ("It's cold, isn't it?", "yes_no_question"),
        ("Where do you live?", "wh_question"),
        ("so what are we going to do", "wh_question"),
        ("And you said what?", "wh_question"),
        ("Would you like tea or coffee?", "alternative_question"),
        ("Is it far or something?", "yes_no_question"),
        ("Thank you so much!", "thanks"),
        ("I'm so sorry.", "apology"),
        ("Hello there.", "greeting"),
        ("Okay, goodbye!", "closing"),
        ("Please sit down.", "directive"),
        ("Could you please open the window?", "directive"),
        ("Let's go home.", "directive"),
        ("I'll call you back.", "commissive"),
        ("Uh-huh.", "backchannel"),
        ("I see.", "backchannel"),
        ("I know what you mean.", "statement"),
        ("…", "statement"),
    ],
)
def test_a_turn_does_what_its_words_say(text: str, act: str) -> None:
    assert act_of(text) == act


@pytest.mark.parametrize(
    ("before", "act"),
    [
        ("yes_no_question", "yes_answer"),
        ("alternative_question", "yes_answer"),
        ("statement", "backchannel"),
        (None, "backchannel"),
    ],
)
def test_yes_answers_only_what_was_asked(before: str | None, act: str) -> None:
    assert act_of("Yes.", before=before) == act


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("yes_no_question", "yes/no question"),
        ("wh_question", "wh-question"),
        ("no_answer", "no answer"),
        ("thanks", "thanks"),
    ],
)
def test_acts_have_names_for_people(act: str, words: str) -> None:
    assert called(act) == words


def test_no_after_a_question_is_an_answer() -> None:
    assert act_of("No, not really.", before="yes_no_question") == "no_answer"


def test_okay_after_a_request_agrees_to_it() -> None:
    assert act_of("Okay, sure.", before="directive") == "agreement"


def test_an_answer_that_asks_back_asks() -> None:
    assert act_of("Yes. And where are you from?", before="yes_no_question") == "wh_question"


def test_nobody_says_goodbye_before_anything_was_said() -> None:
    assert act_of("Have a nice seat.", opening=True) != "closing"
    assert act_of("Have a nice day.", opening=False) == "closing"
