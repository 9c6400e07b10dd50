"""An archive in a dictionary."""

import hashlib

from actors.archive import AudioMissing


class FakeAudio:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.failures: list[Exception] = []
        """Raised by the next calls of `keep`, in this order."""
        self.unreadable: Exception | None = None
        """Raised by `samples`, if set."""

    async def keep(self, pcm: bytes) -> str:
        return self.take(pcm)

    def take(self, pcm: bytes) -> str:
        if self.failures:
            raise self.failures.pop(0)
        digest = hashlib.sha256(pcm).hexdigest()
        self.kept[digest] = pcm
        return digest

    async def samples(self, digest: str) -> bytes:
        if self.unreadable is not None:
            raise self.unreadable
        if digest not in self.kept:
            raise AudioMissing(digest)
        return self.kept[digest]
