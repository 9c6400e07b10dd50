"""`colloquy keys`: who may call the server, and for what. A running server heeds it at once."""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from gateway.access import keyfile
from gateway.access.keys import SCOPES, Key, Keyring, Limits, Scope
from gateway.access.tokens import digest_of, new_key_id, new_token
from gateway.commands.refusals import Refused, in_one_sentence
from gateway.commands.views import console, plain_table
from gateway.settings import read_settings

USUAL: tuple[Scope, ...] = ("speak", "read", "analyse")

app = typer.Typer(help="API keys: who may call, and for what.", no_args_is_help=True)

KeysFile = Annotated[
    Path | None, typer.Option("--file", help="The file of keys, if not that of the settings.")
]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="As `keys list` tells it.")]


@app.command("create")
def _create(
    name: Annotated[str, typer.Argument(help="For people: whose it is, or what for.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help=f"One of {', '.join(SCOPES)}; may be repeated. All but admin by default."
        ),
    ] = None,
    requests_per_minute: Annotated[int | None, typer.Option(min=1)] = None,
    characters_per_minute: Annotated[
        int | None, typer.Option(min=1, help="Of text to be spoken.")
    ] = None,
    concurrent_requests: Annotated[
        int | None, typer.Option(min=1, help="Connections included.")
    ] = None,
    file: KeysFile = None,
) -> None:
    """Make a key, and print its token: it is kept nowhere, and never shown again.

    From the first key on, nobody can call without one.
    """
    limits = Limits(
        requests_per_minute=requests_per_minute,
        characters_per_minute=characters_per_minute,
        concurrent_requests=concurrent_requests,
    )
    with in_one_sentence():
        key, token = create(_path(file), name, scopes_of(scope or USUAL), limits)
    _hand_out(key, token)


@app.command("list")
def _list(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    file: KeysFile = None,
) -> None:
    """Show the keys, also those that were revoked; not their tokens."""
    with in_one_sentence():
        keyring = keyfile.read(_path(file))
    if as_json:
        typer.echo(json.dumps([_told(key) for key in keyring], indent=2))
        return
    table = plain_table("id", "name", "scopes", "limits a minute", "created", "revoked")
    for key in keyring:
        table.add_row(*map(Text, _cells(key)))
    console().print(table)


@app.command("revoke")
def _revoke(key_id: KeyId, file: KeysFile = None) -> None:
    """Let a key open nothing any more; what it made stays, for admins to see."""
    with in_one_sentence():
        key = revoke(_path(file), key_id)
    typer.echo(f"Key {key.id} ({key.name}) opens nothing any more.")


@app.command("renew")
def _renew(key_id: KeyId, file: KeysFile = None) -> None:
    """Give a key another token; the one before opens nothing. Its conversations stay its own."""
    with in_one_sentence():
        key, token = renew(_path(file), key_id)
    _hand_out(key, token)


def create(path: Path, name: str, scopes: frozenset[Scope], limits: Limits) -> tuple[Key, str]:
    """Add a key to a file; the key, and its token. Raises as `gateway.access.keyfile.change`."""
    key_id = new_key_id(secrets.token_hex)
    token = new_token(key_id, secrets.token_hex)
    key = Key(
        id=key_id,
        name=_good_name(name),
        digest=digest_of(token),
        scopes=scopes,
        limits=limits,
        created_at=datetime.now(UTC),
    )
    _change(path, lambda keyring: keyring.with_key(key))
    return key, token


def revoke(path: Path, key_id: str) -> Key:
    """Revoke a key; one that was revoked before stays so since then."""
    now = datetime.now(UTC)

    def revoked(key: Key) -> Key:
        return key.model_copy(update={"revoked_at": key.revoked_at or now})

    return _replace(path, key_id, revoked)


def renew(path: Path, key_id: str) -> tuple[Key, str]:
    """Give a key another token; one that was revoked stays so."""
    token = new_token(key_id, secrets.token_hex)

    def renewed(key: Key) -> Key:
        if key.revoked_at is not None:
            raise Refused(f"Key {key.id} was revoked; create another.")
        return key.model_copy(update={"digest": digest_of(token)})

    return _replace(path, key_id, renewed), token


def scopes_of(given: list[str] | tuple[Scope, ...]) -> frozenset[Scope]:
    """Scopes by their names; raises `Refused` for one that there is not."""
    for name in given:
        if name not in SCOPES:
            raise Refused(f"There is no scope {name!r}; there is {', '.join(SCOPES)}.")
    return frozenset(scope for scope in SCOPES if scope in given)


def _replace(path: Path, key_id: str, by: Callable[[Key], Key]) -> Key:
    def replaced(keyring: Keyring) -> Keyring:
        if key_id not in keyring.keys:
            raise Refused(f"There is no key {key_id}; `colloquy keys list` tells which there are.")
        return keyring.with_key(by(keyring.keys[key_id]))

    return _change(path, replaced).keys[key_id]


def _change(path: Path, by: Callable[[Keyring], Keyring]) -> Keyring:
    try:
        return keyfile.change(path, by)
    except OSError as error:
        raise Refused(f"Cannot write {path} ({error.strerror}); nothing was changed.") from error


def _good_name(name: str) -> str:
    if not 1 <= len(name) <= 128 or not name.isprintable():
        raise Refused("A name takes 1 to 128 printable characters.")
    return name


def _path(file: Path | None) -> Path:
    return file or read_settings().file_of_keys


def _hand_out(key: Key, token: str) -> None:
    scopes = ", ".join(sorted(key.scopes))
    typer.echo(f"Key {key.id} ({key.name}) may: {scopes}. Its token, shown only now:", err=True)
    typer.echo(token)


def _cells(key: Key) -> tuple[str, ...]:
    limits = (
        (key.limits.requests_per_minute, "requests"),
        (key.limits.characters_per_minute, "characters"),
        (key.limits.concurrent_requests, "at a time"),
    )
    told = ", ".join(f"{limit:,} {of}" for limit, of in limits if limit is not None)
    return (
        key.id,
        key.name,
        ", ".join(sorted(key.scopes)),
        told or "as set",
        f"{key.created_at:%Y-%m-%d %H:%M}",
        f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "",
    )


def _told(key: Key) -> dict[str, object]:
    told = key.model_dump(mode="json", exclude={"digest"})
    return {**told, "scopes": sorted(key.scopes)}
