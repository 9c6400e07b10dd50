"""A door that is locked, and the keys to it."""

from pathlib import Path
from typing import Any

import httpx

from gateway.access import keyfile
from gateway.access.keys import Key, Limits, Scope
from gateway.commands.keys import create
from tests.api.door import Door

ALL: tuple[Scope, ...] = ("speak", "read", "analyse")


class Holder:
    """Somebody with a key, at a door."""

    def __init__(self, door: Door, key: Key, token: str) -> None:
        self.app, self.key, self.token = door.app, key, token
        self.headers = {"Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(door.app)
        self.client = httpx.AsyncClient(
            transport=transport, base_url="http://test", headers=self.headers
        )

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.client.get(path, params=params or None)

    async def post(self, path: str, data: object = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(path, json=data, headers=named)

    async def start(self, conversation_id: str) -> httpx.Response:
        body = {"participants": ["ann", "bob"], "conversation_id": conversation_id}
        return await self.post("/v1/conversation/start", body)

    async def speak(self, conversation_id: str, turn_id: str = "t1", **more: Any) -> httpx.Response:
        body = {"text": "Hello there.", "speaker_id": "ann", "turn_id": turn_id, **more}
        return await self.post(f"/v1/conversation/{conversation_id}/speak", body)


class LockedDoor(Door):
    """A door over a data directory with keys in it."""

    def __init__(self, data_dir: Path, **settings: Any) -> None:
        self.path = data_dir / keyfile.NAME
        create(self.path, "whoever locked it", frozenset({"admin"}), Limits())
        super().__init__(data_dir=data_dir, **settings)

    def holder(self, *scopes: Scope, name: str = "somebody", **limits: int) -> Holder:
        """Somebody with a new key, with all scopes but admin by default."""
        key, token = create(self.path, name, frozenset(scopes or ALL), Limits(**limits))
        self.look()
        return Holder(self, key, token)

    def look(self) -> None:
        """Let the time pass after which the file of keys is looked at again."""
        self.system.clock.advance(2 * keyfile.LOOK_EVERY_S)
