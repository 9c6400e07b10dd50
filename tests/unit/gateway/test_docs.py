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


def test_the_rooms_of_the_readme_are_those_of_the_repository() -> None:
    readme = (DOCS.parent / "README.md").read_text()
    links = re.findall(r"\]\(([\w./]+)\)", readme)
    assert links
    assert all((DOCS.parent / link).exists() for link in links)
