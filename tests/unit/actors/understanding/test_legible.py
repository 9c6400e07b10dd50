import pytest

from actors.understanding.legible import MOST, excerpt, illegible


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no words"),
        ("   \n", "no words"),
        ("世界您好，今天天气很好", "script"),
        ("Привет, как дела?", "script"),
        ("for (int i = 0; i < n; i++) { total += values[i]; }", "code"),
        ("Ich habe das nicht gesehen.", "German"),
        ("Je ne sais pas, mais c'est très bien.", "French"),
        ("¿Cómo está usted?", "Spanish"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, reason: str) -> None:
    because = illegible(excerpt(text))
    assert because is not None
    assert reason in because


@pytest.mark.parametrize(
    "text",
    [
        "Hello.",
        "😊",
        "?!",
        "AAAAH",
        "Grüße, 世界! What time is it?",
        "I ate crème brûlée in the café.",
        "The El Niño is here.",
        "Nice ;-) (really)",
        "Marie et Pierre are my friends.",
    ],
)
def test_what_can_be_read(text: str) -> None:
    assert illegible(excerpt(text)) is None


def test_of_a_long_text_the_beginning_and_the_end_are_read() -> None:
    text = excerpt("first " + "middle " * 20_000 + "last")
    assert len(text) <= MOST + 1
    assert text.startswith("first")
    assert text.endswith("last")
