"""One process, one conversation at a time, one conversation after another."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from actors import tracing
from actors.commands import Hear, Request, Speak
from actors.conversation import Conversation
from actors.take import Means
from actors.tasks import heard_of
from actors.tracing import Traced
from actors.utterance import Portion
from actors.writing import Surrendered
from events.turn import Turn

Asked: TypeAlias = Request | Traced[Request]
"""A request, as it comes from elsewhere."""


class NotHere(Exception):
    """This process does not have the conversation; the directory knows who does."""


EXPECTS_WITHIN_S = 1.0
"""How long a conversation that was taken stays for the one who asked for it."""


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
        self._waking: asyncio.Task[Conversation] | None = None
        self._used = clock()
        self._expecting = False
        """Whether nobody has asked for it yet since it was taken."""

    async def take(self, conversation_id: str) -> None:
        """Begin to wake the conversation here; whoever asks for it waits until it is awake.

        The answer does not wait: meanwhile the first request can be on its way.
        """
        if conversation_id == self._conversation_id:
            return
        self._conversation_id = conversation_id
        self._waking = asyncio.create_task(self._wake(conversation_id))
        self._waking.add_done_callback(heard_of)
        self._used = self._clock()
        self._expecting = True

    async def sleep(self, conversation_id: str) -> bool:
        """Put it to sleep; False if it has something to do. True if it is not here at all."""
        if conversation_id != self._conversation_id or self._waking is None:
            return True
        if self._expecting and self._clock() - self._used < EXPECTS_WITHIN_S:
            return False
        if not self._waking.done() or not await self._waking.result().sleep():
            return False
        self._drop(conversation_id)
        return True

    async def ask(self, conversation_id: str, requests: Sequence[Asked]) -> list[object]:
        """Answer requests side by side; a refusal stands in the place of its answer.

        Raises:
            NotHere: the conversation is not here, or not any more.
            Exception: what waking it raised; it is not here then.
        """
        conversation = await self._at(conversation_id)
        answers: list[object] = await asyncio.gather(
            *(_answer(conversation, request) for request in requests), return_exceptions=True
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
            spoken = await (await self._at(conversation_id)).speak(command, listener_id)
        except Surrendered:
            self._drop(conversation_id)
            raise NotHere(conversation_id) from None
        yield spoken.turn
        if spoken.sound is not None:
            async for piece in spoken.sound:
                yield piece

    async def hear(self, conversation_id: str, asked: Hear) -> AsyncIterator[Turn | Portion]:
        """A dictated turn, then its sound and words; only the turn where the record has it all.

        Raises:
            NotHere: the conversation is not here, or not any more.
            Exception: what `Conversation.hear` raises.
        """
        conversation = await self._at(conversation_id)
        try:
            async for item in conversation.hear(asked):
                yield item
        except Surrendered:
            self._drop(conversation_id)
            raise NotHere(conversation_id) from None

    def status(self) -> HostStatus:
        return HostStatus(self._conversation_id, self._busy(), self._clock() - self._used)

    def _busy(self) -> bool:
        if self._waking is None:
            return False
        return not self._waking.done() or self._waking.result().busy

    async def _wake(self, conversation_id: str) -> Conversation:
        conversation = Conversation(conversation_id, self._means)
        try:
            await conversation.wake()
        except BaseException:
            self._drop(conversation_id)
            raise
        return conversation

    async def _at(self, conversation_id: str) -> Conversation:
        if conversation_id != self._conversation_id or self._waking is None:
            raise NotHere(conversation_id)
        self._used = self._clock()
        self._expecting = False
        return await asyncio.shield(self._waking)

    def _drop(self, conversation_id: str) -> None:
        if conversation_id == self._conversation_id:
            self._conversation_id = self._waking = None


def _answer(conversation: Conversation, request: Asked) -> Coroutine[Any, Any, object]:
    if isinstance(request, Traced):
        return _answer_within(request.place, conversation, request.asked)
    return conversation.answer(request)


async def _answer_within(
    place: tracing.Trace, conversation: Conversation, request: Request
) -> object:
    with tracing.within(place):
        return await conversation.answer(request)
