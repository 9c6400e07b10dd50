from hypothesis import given
from hypothesis import strategies as st

from gateway.commands.script import Line, MalformedScript, parse_script

NAMES = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Zs", "Co", "Cn"]), min_size=1
).filter(lambda name: ":" not in name and not name.startswith("#"))
SAID = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1)
LINES = st.lists(st.tuples(NAMES, SAID), min_size=1)


@given(LINES)
def test_what_is_written_as_a_script_is_read_as_it(lines: list[tuple[str, str]]) -> None:
    script = "\n".join(f"{name}: {said}" for name, said in lines)
    assert parse_script(script) == [
        Line(number, name, said) for number, (name, said) in enumerate(lines, start=1)
    ]


@given(LINES, st.sampled_from(["", "   ", "# a: b", "  # note"]))
def test_blank_lines_and_comments_only_move_the_numbers(
    lines: list[tuple[str, str]], nothing: str
) -> None:
    script = "".join(f"{nothing}\r\n  {name}:  {said}  \r\n" for name, said in lines)
    read = parse_script(script)
    assert [(line.speaker, line.text) for line in read] == lines
    assert [line.number for line in read] == list(range(2, 2 * len(lines) + 1, 2))


@given(st.text(st.sampled_from("ab: #\n\t")))
def test_any_text_is_a_script_or_its_bad_line_is_named(text: str) -> None:
    try:
        lines = parse_script(text)
    except MalformedScript as error:
        number = error.number
    else:
        assert lines
        assert all(line.speaker and line.text for line in lines)
        return
    assert number is None or text.splitlines()[number - 1].strip()


def test_a_line_without_a_name_is_said_by_the_speaker_before() -> None:
    script = "\ufeffann: It is late.\nAt 10:30 we go.\nben: Where?\nhttp://x is there"
    said = [(line.speaker, line.text) for line in parse_script(script)]
    assert said == [
        ("ann", "It is late."),
        ("ann", "At 10:30 we go."),
        ("ben", "Where?"),
        ("ben", "http://x is there"),
    ]
