"""The views, as they lie in `sql/`: one file each, named after it, its definition as a comment."""

import re
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files

_SOURCE = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)")
_COMMENT = re.compile(r"--.*")
_ORDER = re.compile(r"^Order: (.*)$", re.MULTILINE)
_PARAMETERS = re.compile(r"^Parameters: (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class View:
    """A question with a name."""

    name: str
    definition: str
    """What its rows and columns mean, their units and their source, as text."""
    sql: str

    @property
    def summary(self) -> str:
        """The first sentence of the definition."""
        paragraph = " ".join(self.definition.split("\n\n")[0].split())
        return re.split(r"(?<=\.)\s|:\s", paragraph)[0].rstrip(".")

    @property
    def code(self) -> str:
        """The statement without its comments, on one line."""
        return " ".join(_COMMENT.sub("", self.sql).split())

    @property
    def sources(self) -> set[str]:
        """Names of what it reads, its own common table expressions among them."""
        return set(_SOURCE.findall(self.code))

    @property
    def order(self) -> str:
        """What its rows are ordered by: a key of theirs, where one is known, or all columns."""
        found = _ORDER.search(self.definition)
        return found[1] if found else "ALL"

    @property
    def parameters(self) -> dict[str, str]:
        """What it can be told, and the SQL literal that stands where it is not."""
        found = _PARAMETERS.search(self.definition)
        told = found[1].split(", ") if found else []
        return {name: value for name, _, value in (each.partition(" := ") for each in told)}

    def macro(self, schema: str = "main") -> list[str]:
        """What defines the macro of a view with parameters; nothing for one without."""
        told = ", ".join(f"{key} := {value}" for key, value in self.parameters.items())
        name = f'{schema}."{self.name}"'
        return [f"CREATE OR REPLACE MACRO {name}({told}) AS TABLE {self.sql}"] if told else []

    def query(self, schema: str = "main") -> str:
        """Its rows, with no parameter told; its macro has to be there."""
        return f'FROM {schema}."{self.name}"()' if self.parameters else self.sql

    def statements(self, schema: str = "main") -> list[str]:
        """What defines it: a view and, with parameters, a macro of the same name."""
        name = f'{schema}."{self.name}"'
        return [*self.macro(schema), f"CREATE OR REPLACE VIEW {name} AS {self.query(schema)}"]


@cache
def library() -> tuple[View, ...]:
    """All views, each after those that it reads."""
    directory = files("analytics").joinpath("sql").iterdir()
    found = [_read(file.name, file.read_text()) for file in directory if file.name.endswith(".sql")]
    views = {view.name: view for view in sorted(found, key=lambda view: view.name)}
    reads = {name: sorted(view.sources & views.keys() - {name}) for name, view in views.items()}
    return tuple(views[name] for name in TopologicalSorter(reads).static_order())


def needed(name: str) -> list[View]:
    """A view and all that it reads, directly or not, each after those that it reads."""
    wanted = {name}
    for view in reversed(library()):
        if view.name in wanted:
            wanted |= view.sources
    return [view for view in library() if view.name in wanted]


def _read(file_name: str, sql: str) -> View:
    comment = re.match(r"(?:--.*\n)*", sql)
    lines = comment[0].splitlines() if comment else []
    definition = "\n".join(line.removeprefix("--").removeprefix(" ") for line in lines)
    return View(file_name.removesuffix(".sql"), definition.strip(), sql)
