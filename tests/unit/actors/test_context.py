import pytest

from actors import context
from events.state import fold
from tests.unit.events.facts import begun, completed, heard, interrupted


@pytest.mark.parametrize(
    ("act", "gap_ms"),
    [
        ("wh_question", 240),
        ("yes_no_question", 70),
        ("alternative_question", 70),
        ("statement", 0),
        ("thanks", 0),
    ],
)
def test_the_gap_is_that_after_the_act_that_was_read(act: str, gap_ms: int) -> None:
    state = fold("c", [heard(1, "bob", "So you came?", act=act)])
    assert context.response_gap_ms(state, "ann") == gap_ms


def test_what_was_not_read_is_told_by_its_form() -> None:
    assert context.response_gap_ms(fold("c", [heard(1, "bob", "Who came?")]), "ann") == 240


def test_of_a_question_that_was_cut_short_only_what_was_heard_counts() -> None:
    asked = begun(1, "ann", "One two? Who three?").model_copy(update={"act": "wh_question"})
    state = fold("c", [asked, completed(1), interrupted(1, heard_text="One two?")])
    assert context.response_gap_ms(state, "bob") == 70
