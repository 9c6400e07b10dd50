"""The documents say what the code does."""

import re
from pathlib import Path

from actors import refusals
from gateway import errors
from gateway.settings import Settings

DOCS = Path(__file__).parents[3] / "docs"


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(
        r"^\| `COLLOQUY_(\w+)` \| (.*?) \| (.*) \|$", (DOCS / "settings.md").read_text(), re.M
    )
    documented = {name.lower(): (default.strip("`"), meaning) for name, default, meaning in rows}
    real = {
        name: ("" if field.default is None else str(field.default), field.description)
        for name, field in Settings.model_fields.items()
    }
    assert documented == real


def test_every_refusal_has_a_status_and_is_documented() -> None:
    kinds = refusals.Refused.__subclasses__()
    assert set(kinds) == set(errors.STATUS)
    api = (DOCS / "api.md").read_text()
    table = dict(re.findall(r"^\| (\d{3}) \| (.*) \|$", api, re.M))
    for kind in kinds:
        assert f"`{kind.code}`" in table[str(errors.STATUS[kind])]


def test_every_code_that_is_given_is_documented_and_no_other() -> None:
    table = re.findall(r"^\| (\d{3}) \| (.*) \|$", (DOCS / "api.md").read_text(), re.M)
    documented = [code for _, codes in table for code in re.findall(r"`(\w+)`", codes)]
    gateway = Path(errors.__file__).parent
    written = "".join(path.read_text() for path in gateway.rglob("*.py"))
    given = {kind.code for kind in refusals.Refused.__subclasses__()}
    given |= set(re.findall(r"\bcode ?= ?\"(\w+)\"", written)) | set(errors.HTTP_CODES.values())
    assert len(documented) == len(set(documented))
    assert set(documented) == given
    statuses = {
        code: int(status) for status, codes in table for code in re.findall(r"`(\w+)`", codes)
    }
    assert {code: statuses[code] for code in errors.HTTP_CODES.values()} == {
        code: status for status, code in errors.HTTP_CODES.items()
    }


def test_the_rooms_of_the_readme_are_those_of_the_repository() -> None:
    readme = (DOCS.parent / "README.md").read_text()
    links = re.findall(r"\]\(([\w./]+)\)", readme)
    assert links
    assert all((DOCS.parent / link).exists() for link in links)
