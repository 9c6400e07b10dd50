"""A pipeline of pipecat's around one of its services, driven frame by frame."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

with warnings.catch_warnings():
    # pipecat's own modules use these.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    warnings.filterwarnings("ignore", "`AudioContextTTSService` is deprecated", DeprecationWarning)
    from pipecat.frames.frames import (
        EndFrame,
        ErrorFrame,
        Frame,
        InterruptionFrame,
        LLMFullResponseEndFrame,
        LLMFullResponseStartFrame,
        LLMTextFrame,
        TTSAudioRawFrame,
        TTSStoppedFrame,
        TTSTextFrame,
    )
    from pipecat.pipeline.pipeline import Pipeline
    from pipecat.pipeline.worker import PipelineParams, PipelineWorker
    from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
    from pipecat.services.cartesia.tts import CartesiaHttpTTSService, CartesiaTTSService
    from pipecat.services.deepgram.flux.tts import DeepgramFluxTTSService
    from pipecat.services.deepgram.tts import DeepgramHttpTTSService, DeepgramTTSService
    from pipecat.services.tts_service import TextAggregationMode
    from pipecat.workers.runner import WorkerRunner

__all__ = [
    "Bot",
    "CartesiaHttpTTSService",
    "CartesiaTTSService",
    "DeepgramFluxTTSService",
    "DeepgramHttpTTSService",
    "DeepgramTTSService",
    "TTSStoppedFrame",
    "TextAggregationMode",
    "running",
]

Kind = TypeVar("Kind", bound=Frame)
WITHIN_S = 60


class Sink(FrameProcessor):
    """Keeps what comes out."""

    def __init__(self) -> None:
        super().__init__(enable_direct_mode=True)
        self.frames: list[Frame] = []
        self.news = asyncio.Event()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        self.frames.append(frame)
        self.news.set()
        await self.push_frame(frame, direction)


class Bot:
    """A service in a pipeline that runs."""

    def __init__(self, worker: PipelineWorker, sink: Sink) -> None:
        self._worker = worker
        self._sink = sink

    async def say(self, text: str, *, ended: bool = True) -> None:
        """A reply of a language model, word by word."""
        await self._worker.queue_frame(LLMFullResponseStartFrame())
        for word in text.split(" "):
            await self._worker.queue_frame(LLMTextFrame(f"{word} "))
        if ended:
            await self._worker.queue_frame(LLMFullResponseEndFrame())

    async def interrupt(self) -> None:
        await self._worker.queue_frame(InterruptionFrame())

    async def end(self) -> None:
        await self._worker.queue_frame(EndFrame())

    def must_be_well(self) -> None:
        assert [frame.error for frame in self.of(ErrorFrame)] == []

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [frame for frame in self._sink.frames if isinstance(frame, kind)]

    @property
    def sound(self) -> bytes:
        return b"".join(frame.audio for frame in self.of(TTSAudioRawFrame))

    @property
    def words(self) -> list[str]:
        """What it would remember having said."""
        return " ".join(frame.text for frame in self.of(TTSTextFrame)).split()

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not condition():
                self._sink.news.clear()
                await self._sink.news.wait()


@asynccontextmanager
async def running(service: FrameProcessor, sample_rate: int = 24_000) -> AsyncIterator[Bot]:
    """A bot that speaks by a service, until the end of all that it was told to say."""
    sink = Sink()
    params = PipelineParams(audio_out_sample_rate=sample_rate)
    worker = PipelineWorker(
        Pipeline([service, sink]), cancel_on_idle_timeout=False, enable_rtvi=False, params=params
    )
    started = asyncio.Event()

    @worker.event_handler("on_pipeline_started")
    async def _started(*_: object) -> None:
        started.set()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    run = asyncio.create_task(runner.run())
    bot = Bot(worker, sink)
    try:
        async with asyncio.timeout(WITHIN_S):
            await started.wait()
        yield bot
        await bot.end()
        async with asyncio.timeout(WITHIN_S):
            await run
    finally:
        run.cancel()
