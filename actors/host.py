"""One process, one conversation at a time, one conversation after another."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from actors.commands import Request, Speak
from actors.conversation import Conversation, Means
from actors.writing import Surrendered
from events.turn import Turn


class NotHere(Exception):
    """This process does not have the conversation; the directory knows who does."""


@dataclass(frozen=True, slots=True)
class HostStatus:
    conversation_id: str | None
    busy: bool
    idle_s: float
    """Seconds since anybody asked for the conversation."""


class ConversationHost:
    """Wakes a conversation, answers for it, and puts it to sleep for the next one."""

    def __init__(self, means: Means, clock: Callable[[], float]) -> None:
        self._means = means
        self._clock = clock
        self._conversation_id: str | None = None
        self._conversation: Conversation | None = None
        self._used = clock()

    async def take(self, conversation_id: str) -> None:
        """Wake the conversation here. Raises what `Conversation.wake` raises."""
        if conversation_id == self._conversation_id:
            return
        conversation = Conversation(conversation_id, self._means)
        await conversation.wake()
        self._conversation_id, self._conversation = conversation_id, conversation
        self._used = self._clock()

    async def sleep(self, conversation_id: str) -> bool:
        """Put it to sleep; False if it has something to do. True if it is not here at all."""
        if conversation_id != self._conversation_id or self._conversation is None:
            return True
        if not await self._conversation.sleep():
            return False
        self._drop(conversation_id)
        return True

    async def ask(self, conversation_id: str, requests: Sequence[Request]) -> list[object]:
        """Answer requests side by side; a refusal stands in the place of its answer.

        Raises:
            NotHere: the conversation is not here, or not any more.
        """
        conversation = self._at(conversation_id)
        answers: list[object] = await asyncio.gather(
            *(conversation.answer(request) for request in requests), return_exceptions=True
        )
        if any(isinstance(answer, Surrendered) for answer in answers):
            self._drop(conversation_id)
            raise NotHere(conversation_id)
        return answers

    async def speak(
        self, conversation_id: str, command: Speak, listener_id: str
    ) -> AsyncIterator[Turn | bytes]:
        """The turn, then its sound piece by piece; only the turn where the record has it all.

        Raises:
            NotHere: the conversation is not here, or not any more.
            Exception: what `Conversation.speak` raises.
        """
        try:
            spoken = await self._at(conversation_id).speak(command, listener_id)
        except Surrendered:
            self._drop(conversation_id)
            raise NotHere(conversation_id) from None
        yield spoken.turn
        if spoken.sound is not None:
            async for piece in spoken.sound:
                yield piece

    def status(self) -> HostStatus:
        busy = self._conversation is not None and self._conversation.busy
        return HostStatus(self._conversation_id, busy, self._clock() - self._used)

    def _at(self, conversation_id: str) -> Conversation:
        if conversation_id != self._conversation_id or self._conversation is None:
            raise NotHere(conversation_id)
        self._used = self._clock()
        return self._conversation

    def _drop(self, conversation_id: str) -> None:
        if conversation_id == self._conversation_id:
            self._conversation_id = self._conversation = None
