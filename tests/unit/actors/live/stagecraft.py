"""A conversation that is dictated to."""

from dataclasses import replace

from actors.commands import Dictate, Dictated, Hear, Interrupt, Part, Speak
from actors.utterance import Portion
from events.turn import Turn
from tests.fakes.clock import settle
from tests.unit.actors.stagecraft import Scene

LINE = Speak("t1", "ann", "")
TEXT = (
    "Well, this is the first sentence of some. Here is another one, and it is longer than the "
    "first, which is as it should be. Then one more. Bye!"
)


class Dictation:
    """One who dictates a turn, and hears it."""

    def __init__(self, scene: Scene, **particulars: object) -> None:
        self.scene = scene
        self.line = replace(LINE, **particulars)  # type: ignore[arg-type]
        self.sent = 0

    async def say(self, text: str, *, at: int | None = None, ended: bool = False) -> Dictated:
        begin = self.sent if at is None else at
        self.sent = begin + len(text)
        request = Dictate(replace(self.line, text=text), begin, ended)
        answer = await self.scene.conversation.answer(request)
        assert isinstance(answer, Dictated)
        return answer

    async def end(self) -> Dictated:
        return await self.say("", ended=True)

    def hear(self, listener_id: str = "one", sample: int = 0) -> "Hearing":
        asked = Hear(self.line.turn_id, listener_id, sample)
        return Hearing(self.scene.conversation.hear(asked))

    async def leave(self, listener_id: str, delivered_ms: int, *, whole: bool = False) -> None:
        gone = Part(self.line.turn_id, listener_id, delivered_ms, whole)
        await self.scene.conversation.answer(gone)

    async def interrupt(self, played_ms: int) -> Turn:
        return await self.scene.conversation.interrupt(
            Interrupt(self.line.turn_id, played_ms, "bob")
        )


class Hearing:
    def __init__(self, items: object) -> None:
        self._items = items
        self.turn: Turn | None = None
        self.portions: list[Portion] = []

    async def begin(self) -> Turn:
        turn = await anext(self._items)  # type: ignore[call-overload]
        assert isinstance(turn, Turn)
        self.turn = turn
        return turn

    async def some(self, portions: int) -> list[Portion]:
        if self.turn is None:
            await self.begin()
        new = [await anext(self._items) for _ in range(portions)]  # type: ignore[call-overload]
        self.portions += new
        return new

    async def rest(self) -> "Hearing":
        if self.turn is None:
            await self.begin()
        async for portion in self._items:  # type: ignore[attr-defined]
            self.portions.append(portion)
        return self

    @property
    def pcm(self) -> bytes:
        return b"".join(portion.pcm for portion in self.portions)

    @property
    def words(self) -> list[str]:
        return [word.word for portion in self.portions for word in portion.words]


__all__ = ["LINE", "TEXT", "Dictation", "Hearing", "Scene", "settle"]
