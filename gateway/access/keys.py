"""Keys, and what each allows. Pure: what is kept of them is in `gateway.access.keyfile`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateway.access.tokens import key_id_of, proves

Scope: TypeAlias = Literal["speak", "read", "analyse", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


class Limits(BaseModel):
    """How much is allowed; None leaves it to whoever sets the defaults, and there allows any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests_per_minute: int | None = Field(None, ge=1)
    characters_per_minute: int | None = Field(None, ge=1)
    """Of text to be spoken."""
    concurrent_requests: int | None = Field(None, ge=1)
    """Open connections included."""

    def or_else(self, defaults: "Limits") -> "Limits":
        return Limits(**{**defaults.model_dump(), **self.model_dump(exclude_none=True)})


class Key(BaseModel):
    """A key as it is kept: with the digest of its token, not the token."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str = Field(min_length=1, max_length=128)
    """For people."""
    digest: str = Field(repr=False)
    scopes: frozenset[Scope]
    limits: Limits = Limits()
    created_at: AwareDatetime
    revoked_at: AwareDatetime | None = None

    def may(self, scope: Scope) -> bool:
        """Whether it has the scope. `admin` has all of them."""
        return scope in self.scopes or "admin" in self.scopes

    @property
    def sees_all(self) -> bool:
        """Whether it sees conversations that other keys made."""
        return "admin" in self.scopes


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys that were ever made, by their ids."""

    keys: Mapping[str, Key] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Key]:
        return iter(self.keys.values())

    def __bool__(self) -> bool:
        return bool(self.keys)

    def with_key(self, key: Key) -> "Keyring":
        """The keyring with one more key, or with another in the place of one of its id."""
        return Keyring({**self.keys, key.id: key})

    def opened_by(self, token: str) -> Key | None:
        """The key that a token proves; None if there is none, or it was revoked."""
        key = self.keys.get(key_id_of(token) or "")
        if key is None or not proves(token, key.digest) or key.revoked_at is not None:
            return None
        return key
