"""A conversation awake, with all its means in reach."""

from collections.abc import AsyncIterator
from dataclasses import replace

from actors.commands import End, GetState, GetTurn, Listen, Newcomer, Obey, Part, Speak, Start
from actors.conversation import Conversation, Spoken
from actors.engines.base import BYTES_PER_SAMPLE, description_of
from actors.engines.pieces import FIRST_PIECE, PIECE
from actors.engines.voices import CATALOGUE
from actors.take import Means
from actors.understanding.reader import TextReader
from actors.voices import Voices
from events.state import State
from events.turn import Turn
from tests.fakes import Clock, FakeAudio, LocalJournal, LocalStage, Take
from tests.fakes.clock import settle
from tests.fakes.ear import FakeEar

TEXT = "This is the first sentence of two and it is rather long indeed. Here is another one."
LINE = Speak("t1", "ann", TEXT)


class Scene:
    def __init__(self, *takes: Take) -> None:
        self.clock = Clock()
        self.journal = LocalJournal()
        self.stage = LocalStage(*takes)
        self.audio = FakeAudio()
        self.ear = FakeEar(self.audio)
        self.means = Means(
            journal=self.journal,
            stage=self.stage,
            audio=self.audio,
            ear=self.ear,
            engine=description_of(self.stage.engine),
            voices=Voices(CATALOGUE),
            reader=TextReader(),
            now=self.clock.now,
            clock=self.clock,
        )
        self.conversation = Conversation("c", self.means)

    async def begin(self) -> "Scene":
        await self.conversation.wake()
        people = (Newcomer("ann"), Newcomer("bob", role="human"))
        await self.conversation.answer(Obey("start", Start(people)))
        return self

    async def wake_elsewhere(self) -> "Scene":
        """The same conversation in another process, with the same means."""
        other = Scene()
        for name in ("clock", "journal", "stage", "audio", "ear", "means"):
            setattr(other, name, getattr(self, name))
        other.conversation = Conversation("c", self.means)
        await other.conversation.wake()
        return other

    async def speak(self, listener_id: str = "one", **particulars: object) -> Spoken:
        command = replace(LINE, **particulars)  # type: ignore[arg-type]
        return await self.conversation.speak(command, listener_id)

    async def hear(self, listener_id: str = "one", **particulars: object) -> bytes:
        """Have the line spoken, and hear all of it."""
        spoken = await self.speak(listener_id, **particulars)
        pcm = await all_of(spoken)
        await self.leave(listener_id, 0, whole=True)
        return pcm

    async def leave(self, listener_id: str, delivered_ms: int, *, whole: bool = False) -> None:
        await self.conversation.answer(Part("t1", listener_id, delivered_ms, whole))

    async def listen(self, text: str, turn_id: str = "h1") -> object:
        return await self.conversation.answer(Listen(turn_id, "bob", text))

    async def end(self) -> object:
        return await self.conversation.answer(Obey("end", End()))

    async def turn(self, turn_id: str = "t1") -> Turn:
        turn = await self.conversation.answer(GetTurn(turn_id))
        assert isinstance(turn, Turn)
        return turn

    async def state(self) -> State:
        state = await self.conversation.answer(GetState())
        assert isinstance(state, State)
        return state

    async def finished(self) -> None:
        """Wait until nothing is being spoken."""
        await settle()
        assert not self.conversation.busy

    def types(self) -> list[str]:
        """Of the events of the dialogue, after its opening."""
        return self.journal.types("c")[4:]


async def all_of(spoken: Spoken) -> bytes:
    assert spoken.sound is not None
    return b"".join([piece async for piece in spoken.sound])


async def some_of(sound: AsyncIterator[bytes] | None, pieces: int) -> bytes:
    """As much as so many pieces of an engine, however they come together."""
    assert sound is not None
    least = (FIRST_PIECE + (pieces - 1) * PIECE) * BYTES_PER_SAMPLE
    heard = b""
    while len(heard) < least:
        heard += await anext(sound)
    return heard
