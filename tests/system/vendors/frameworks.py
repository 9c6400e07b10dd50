"""How agents of two frameworks have a line spoken by a server, whoever's protocol it talks."""

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

with warnings.catch_warnings():
    # pipecat's own modules use these.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    warnings.filterwarnings("ignore", "`AudioContextTTSService` is deprecated", DeprecationWarning)
    from pipecat.frames.frames import ErrorFrame, TTSAudioRawFrame, TTSSpeakFrame, TTSTextFrame
    from pipecat.services.openai.tts import OpenAITTSService as PipecatOpenAI
    from pipecat.services.tts_service import TTSService
    from pipecat.tests.utils import run_test

if TYPE_CHECKING:
    from livekit.agents import tts

__all__ = ["PipecatOpenAI", "Spoken", "spoken_by_livekit", "spoken_by_pipecat"]


class Spoken(NamedTuple):
    pcm: bytes
    """s16le, mono."""
    sample_rate: int
    text: str
    """As the framework takes it to be spoken; empty where it does not say."""

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / self.sample_rate


async def spoken_by_pipecat(service: TTSService, text: str) -> Spoken:
    """What comes out of a pipeline that is asked to speak a line."""
    down, up = await run_test(service, frames_to_send=[TTSSpeakFrame(text)], start_timeout=20)
    errors = [frame.error for frame in (*down, *up) if isinstance(frame, ErrorFrame)]
    assert not errors
    sound = [frame for frame in down if isinstance(frame, TTSAudioRawFrame)]
    (rate,) = {frame.sample_rate for frame in sound}
    said = " ".join(frame.text for frame in down if isinstance(frame, TTSTextFrame))
    return Spoken(b"".join(frame.audio for frame in sound), rate, said)


async def spoken_by_livekit(service: "tts.TTS[Any]", text: str) -> Spoken:
    """What an agent's `synthesize` gives."""
    async with service.synthesize(text) as stream:
        frames = [event.frame async for event in stream]
    (rate,) = {frame.sample_rate for frame in frames}
    return Spoken(b"".join(bytes(frame.data) for frame in frames), rate, "")
