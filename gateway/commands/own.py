"""A server of a command's own: what it is told, and the token with which it is called."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.access import keyfile
from gateway.access.keys import Key
from gateway.access.tokens import ID_BYTES, digest_of, new_token
from gateway.settings import API_KEY, Settings

LOCAL = "0" * 2 * ID_BYTES
"""Id of the key of whoever has the files, and so may do anything with them."""


@contextmanager
def own(settings: Settings) -> Iterator[tuple[Mapping[str, str], str | None]]:
    """The environment of a server over the same files, and the token for it.

    Where there are keys, and the environment shows none, it is locked with a key for the occasion.
    """
    environment = {
        "COLLOQUY_DATA_DIR": str(settings.data_dir),
        "COLLOQUY_ENGINE": settings.engine,
    }
    if os.environ.get(API_KEY) or not keyfile.read(settings.file_of_keys):
        yield environment, None
        return
    with TemporaryDirectory(prefix="colloquy-") as folder:
        path, token = Path(folder) / keyfile.NAME, new_token(LOCAL, secrets.token_hex)
        keyfile.change(path, lambda keyring: keyring.with_key(_local(token)))
        yield {**environment, "COLLOQUY_KEYS_FILE": str(path)}, token


def _local(token: str) -> Key:
    return Key(
        id=LOCAL,
        name="who has the files",
        digest=digest_of(token),
        scopes=frozenset({"admin"}),
        created_at=datetime.now(UTC),
    )
