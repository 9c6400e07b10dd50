"""What users say on a realtime connection, as heard turns."""

import asyncio

from actors.commands import Newcomer
from gateway.audio import FORMATS, whole_file
from gateway.live.messages import TurnHeard
from gateway.vendors.openai_realtime.call import Call
from gateway.vendors.openai_realtime.items import ItemIn, without_transcript
from gateway.vendors.openai_realtime.messages import AudioCommit
from gateway.vendors.openai_realtime.sound import InputBuffer

USER = Newcomer("user", role="human")


class Hearing:
    """Takes the words and the sound of a call's user."""

    def __init__(self, call: Call) -> None:
        self.buffer = InputBuffer(int(call.desk.settings.max_body_mb * 1_000_000))
        self._call = call

    async def take(self, item_id: str, item: ItemIn) -> None:
        """Record a user's message; its item is told when it is on disk.

        Raises:
            Problem, Refused: it cannot be recorded.
        """
        words, sound = item.heard()
        await self._record(item_id, words, sound, committed=False)

    async def commit(self, item_id: str, asked: AudioCommit) -> None:
        """Record what was appended. Raises as `take`."""
        sound = self.buffer.samples()
        if not (asked.transcript or "").strip():
            raise without_transcript("transcript")
        await self._record(item_id, asked.transcript or "", sound, committed=True)
        self.buffer.clear()

    async def _record(
        self, item_id: str, words: str, sound: bytes | None, *, committed: bool
    ) -> None:
        heard = TurnHeard(turn_id=item_id, speaker_id=USER.id, text=words)
        file = None if sound is None else await asyncio.to_thread(whole_file, FORMATS["wav"], sound)
        await self._call.room.enter(USER)
        self._call.peer.expect_heard(item_id, words, sound=sound is not None, committed=committed)
        if file is None:
            await self._call.session.obey(heard)
            return
        await self._call.session.obey(heard.model_copy(update={"audio_bytes": len(file)}))
        await self._call.session.take_bytes(file)
