"""A text that is there as a whole, spoken to a peer."""

import asyncio
from contextlib import aclosing
from time import monotonic

from actors.prosody import plain
from actors.synthesis.claims import EVERYBODY, Claim
from actors.synthesis.stage import perform, seconds
from gateway.desk import Desk
from gateway.live.frames import Framer
from gateway.live.messages import TurnBegin
from gateway.live.peer import Peer
from gateway.live.speaking import Speaking


async def recite(line: TurnBegin, desk: Desk, peer: Peer, key_id: str | None) -> None:
    """Speak a line outside any conversation: nothing is recorded.

    Args:
        line: With all of its text.
        desk: To speak from.
        peer: To whom; told of words, and of the end.
        key_id: Of the key with which it is asked for.
    """
    arrived: float | None = monotonic()
    voice = desk.system.voices.resolve(line.voice or "")
    direction = plain(line.text, voice=voice, speed=line.speed)
    claim = Claim(line.turn_id, key_id=key_id or EVERYBODY)
    sounds = perform(desk.system.stage, direction, clock=monotonic, claim=claim)
    framer = Framer(line.turn_id, 0)
    async with aclosing(sounds):
        async for sound in sounds:
            words = [word._asdict() for word in sound.words]
            await peer.tell("turn.words", turn_id=line.turn_id, words=words)
            for frame in framer.add(sound.pcm):
                await peer.play(frame)
            desk.metrics.sound.inc(seconds(len(sound.pcm)))
            if arrived is not None:
                desk.metrics.first_audio.observe(monotonic() - arrived)
                arrived = None
    for frame in framer.flush():
        await peer.play(frame)
    await peer.tell("turn.completed", turn_id=line.turn_id, text=line.text)


async def recite_turn(
    line: TurnBegin, conversation_id: str, desk: Desk, peer: Peer, key_id: str | None
) -> None:
    """Speak a line as a turn of a conversation; who does not hear its end has interrupted it.

    Raises: whatever keeps it from being spoken. Arguments are those of `recite`.
    """
    speaking = Speaking(line, conversation_id, desk, peer, key_id)
    speaking.add(line.text, ended=True)
    try:
        await speaking.run()
    finally:
        if speaking.reached and not speaking.over:
            await asyncio.shield(desk.tell(conversation_id, speaking.departure(whole=False)))
