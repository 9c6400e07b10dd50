"""Tokens: what a caller shows. Only a digest of one is ever kept."""

import hashlib
import hmac
import re
from collections.abc import Callable

RandomHex = Callable[[int], str]
"""So many random bytes, as twice as many hexadecimal digits: `secrets.token_hex`."""

ID_BYTES = 6
SECRET_BYTES = 32

_TOKEN = re.compile(rf"clq_([0-9a-f]{{{2 * ID_BYTES}}})_[0-9a-f]{{{2 * SECRET_BYTES}}}")


def new_key_id(random: RandomHex) -> str:
    return random(ID_BYTES)


def new_token(key_id: str, random: RandomHex) -> str:
    """A token of a key. Its first part names the key, so that a leaked one can be told from others.

    Its secret has 256 random bits: nobody finds it by trying, so a fast digest keeps it well.
    """
    return f"clq_{key_id}_{random(SECRET_BYTES)}"


def key_id_of(token: str) -> str | None:
    """The id of the key that a token claims to be of; None if it is not in the form of one."""
    found = _TOKEN.fullmatch(token)
    return found[1] if found else None


def digest_of(token: str) -> str:
    """SHA-256, as hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def proves(token: str, digest: str) -> bool:
    """Whether it is the token that was digested, found out in a time that tells nothing of it."""
    return hmac.compare_digest(digest_of(token), digest)
