"""What a question in SQL may be made of, told from its syntax tree.

The engine is locked as well, and its process bounded; this is the wall in front of those. It lets
pass what is known to be harmless instead of looking for harm: an unknown kind of source is refused.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeAlias

Node: TypeAlias = Mapping[str, Any]
"""A node of the tree that DuckDB's `json_serialize_sql` writes."""

TABLE_FUNCTIONS = frozenset(
    {"range", "generate_series", "unnest", "json_each", "json_tree", "histogram", "repeat_row"}
)
SOURCES = frozenset({"EMPTY", "SUBQUERY", "JOIN", "EXPRESSION_LIST", "PIVOT", "COLUMN_DATA"})
QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
FORBIDDEN_FUNCTIONS = frozenset(
    {"current_setting", "getenv", "getvariable", "sleep_ms", "pg_sleep", "write_log"}
    | {"json_execute_serialized_sql", "json_serialize_plan", "current_query", "which_secret"}
)
"""Functions that tell of the server, write to its log, or do nothing but wait."""


class Forbidden(Exception):
    """The statement is not one that may be asked; the message says what may."""


def check(tree: Node, views: Collection[str], macros: Collection[str]) -> set[str]:
    """Pass a statement that reads the views, and nothing else; returns those that it reads.

    Args:
        tree: The whole statement.
        views: Names of the views.
        macros: Those of them that can be called with parameters.

    Raises:
        Forbidden: it is more than one statement, changes something, or reads something else.
    """
    statements = tree.get("statements", [])
    if len(statements) != 1:
        raise Forbidden(f"one statement is asked at a time; there are {len(statements)}")
    nodes = list(_nodes(statements[0]))
    named = {name for node in nodes for name in _common_tables(node)}
    for node in nodes:
        _check_source(node, views, named, macros)
        _check_function(node)
    return {name for node in nodes for name in _mentioned(node) if name in views}


def _mentioned(node: Node) -> Iterator[str]:
    if node.get("type") == "BASE_TABLE":
        yield str(node["table_name"]).lower()
    elif node.get("type") == "TABLE_FUNCTION":
        yield str(node["function"]["function_name"]).lower()


def no_such_view(name: str, views: Collection[str]) -> str:
    """A sentence that names the views whose names are nearest, or else all."""
    nearest = get_close_matches(name.lower(), views, n=3, cutoff=0.4) or sorted(views)
    return f"there is no view {name!r}; there is {', '.join(nearest)}"


def _nodes(value: object) -> Iterator[Node]:
    pending = [value]  # not recursive: a statement may be nested deeper than Python likes
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            yield value
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


def _common_tables(node: Node) -> Iterator[str]:
    # Only plain names: one such as "other.parquet" would let the file of that name pass where the
    # common table of that name is out of reach.
    for entry in (node.get("cte_map") or {}).get("map", []):
        if re.fullmatch(r"\w+", entry["key"]):
            yield entry["key"].lower()


def _check_source(
    node: Node, views: Collection[str], named: Collection[str], macros: Collection[str]
) -> None:
    kind = str(node.get("type", ""))
    if kind.endswith("_NODE") and kind not in QUERIES:
        raise Forbidden(f"{kind.split('_')[0]} is not allowed: a question changes nothing")
    if kind == "BASE_TABLE":
        _check_table(node, views, named)
    elif kind == "TABLE_FUNCTION":
        name = node["function"]["function_name"]
        if name not in TABLE_FUNCTIONS and name not in macros:
            known = ", ".join(sorted(TABLE_FUNCTIONS | set(macros)))
            raise Forbidden(f"the table function {name} is not allowed; there are {known}")
    elif kind == "SHOW_REF" and node.get("query") is None:
        raise Forbidden("only views are described: GET /v1/analytics/views lists them")
    elif "sample" in node and kind not in SOURCES | {"SHOW_REF"} and kind not in QUERIES:
        raise Forbidden(f"{kind} is not a source that may be read")


def _check_table(node: Node, views: Collection[str], named: Collection[str]) -> None:
    path = [part for part in (node.get("catalog_name"), node.get("schema_name")) if part]
    name = str(node["table_name"])
    if path in ([], ["main"]) and (name.lower() in named or name.lower() in views):
        return
    raise Forbidden(no_such_view(".".join([*path, name]), views))


def _check_function(node: Node) -> None:
    name = str(node.get("function_name", "")).lower()
    if name in FORBIDDEN_FUNCTIONS or name.startswith(("pg_get_", "__internal")):
        raise Forbidden(f"the function {name} is not allowed")
