"""Listening to a turn: how fast, how right, and what it weighs for those who do not listen."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from actors.archive import AudioArchive
from actors.engines.base import SAMPLE_RATE, Engine, Sound
from actors.engines.choice import choose_engine, load_engine
from actors.hearing.attention import Attention
from actors.hearing.decoding import decoded
from actors.hearing.listener import Listener
from actors.take import Means, kept_and_measured
from actors.utterance import Utterance
from events.direction import Phrase
from events.readings import Features
from tests.benchmarks.figures import Figure
from tests.fixtures.sounds import file
from tests.system.serving import Server, descendants

TEXT = (
    "We have walked along the river for the whole afternoon, and nobody came by. Would you have "
    "thought so? Next year we will come here again, before the leaves fall, and bring the others."
)
TEN_S = 10 * SAMPLE_RATE
TIMES = 15
ASKED_ST = (-4.0, -2.0, 2.0, 4.0)


def run() -> list[Figure]:
    engine = load_engine(choose_engine("espeak", Path("nowhere")))
    with tempfile.TemporaryDirectory() as directory:
        archive = AudioArchive(Path(directory) / "audio")
        listener = Listener(archive, most_s=300)
        pcm = ten_seconds(engine)
        return [
            _features(listener, pcm),
            _upload(pcm),
            _end_of_turn(archive, listener, pcm),
            _pitch(listener, engine),
            *_memory(Path(directory) / "data"),
        ]


def ten_seconds(engine: Engine) -> bytes:
    return _said(engine)[: 2 * TEN_S].ljust(2 * TEN_S, b"\0")


def _said(engine: Engine, pitch: float = 0.0) -> bytes:
    sounds = engine.synthesise(Phrase(text=TEXT, pitch=pitch, seed=1), "af_heart")
    return b"".join(sound.pcm for sound in sounds)


def _features(listener: Listener, pcm: bytes) -> Figure:
    measured = _median_ms(lambda: listener.measure(pcm, TEXT))
    return Figure("features of 10 s of sound", measured, "ms", 200, "less", note="one thread")


def _upload(pcm: bytes) -> Figure:
    sent = file("mp3", np.frombuffer(pcm, "<i2"))
    measured = _median_ms(lambda: decoded(sent, most_s=300, clock=time.monotonic))
    return Figure("decoding 10 s of mp3", measured, "ms", 100, "less")


def _median_ms(work: Callable[[], object]) -> float:
    work()
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


class _Near:
    """Archive and listener in threads of this process, with nothing to travel."""

    def __init__(self, archive: AudioArchive, listener: Listener) -> None:
        self._archive, self._listener = archive, listener
        self._attention = Attention(30)

    async def keep(self, pcm: bytes) -> str:
        return await asyncio.to_thread(self._archive.keep, pcm)

    async def measure(self, pcm: bytes, text: str) -> Features:
        return await self._attention.give(10, lambda: self._listener.measure(pcm, text))


def _end_of_turn(archive: AudioArchive, listener: Listener, pcm: bytes) -> Figure:
    """From the last sample to what completes the turn, of 10 s that were never kept before."""
    near = _Near(archive, listener)
    means = cast("Means", SimpleNamespace(audio=near, ear=near))
    samples = np.frombuffer(pcm, "<i2")

    async def measure() -> tuple[list[float], list[float]]:
        whole, bare = [], []
        for number in range(TIMES):
            began = time.perf_counter()
            await near.keep(np.roll(samples, 2 * number + 1).tobytes())
            kept = time.perf_counter()
            utterance = Utterance()
            utterance.add(Sound(np.roll(samples, 2 * number).tobytes()))
            await kept_and_measured(means, utterance, TEXT)
            whole.append((time.perf_counter() - kept) * 1000)
            bare.append((kept - began) * 1000)
        return whole, bare

    whole, bare = asyncio.run(measure())
    return Figure(
        "end of a spoken turn of 10 s: kept and measured",
        median(whole),
        "ms",
        250,
        "less",
        bare=median(bare),
        note="bare is kept alone",
    )


def _pitch(listener: Listener, engine: Engine) -> Figure:
    """The level of pitch that is asked of a voice, and that is heard in it."""
    level = listener.measure(_said(engine), TEXT).f0_median_hz or 0.0
    errors = []
    for asked in ASKED_ST:
        heard = listener.measure(_said(engine, asked), TEXT).f0_median_hz or 0.0
        errors.append(abs(12 * float(np.log2(heard / level)) - asked))
    note = "espeak-ng, median F0"
    return Figure("pitch asked against heard, worst", max(errors), "st", 0.5, "less", note=note)


def _memory(data_dir: Path) -> list[Figure]:
    server = Server(data_dir).start()
    try:
        _converse(server)
        sizes = _own_megabytes(server)
    finally:
        server.stop()
    return [
        Figure("own memory of a conversation's process", sizes["conversation"], "MB", 70, "less"),
        Figure("own memory of the process that listens", sizes["ear"], "MB", 200, "less"),
    ]


def _converse(server: Server) -> None:
    people = ["ann", {"id": "bob", "role": "human"}]
    server.post("/v1/conversation/start", {"participants": people, "conversation_id": "c"})
    with server.client() as client:
        for number in range(5):
            line = {"text": TEXT, "speaker_id": "ann", "response_format": "wav"}
            spoken = client.post("/v1/conversation/c/speak", json=line).raise_for_status()
            told = {"speaker_id": "bob", "text": TEXT, "turn_id": f"h{number}"}
            sound = {"audio": ("turn.wav", spoken.content)}
            client.post("/v1/conversation/c/listen", data=told, files=sound).raise_for_status()


def _own_megabytes(server: Server) -> dict[str, float]:
    """Of the largest conversation's process, and of the one that listens."""
    sizes: dict[str, float] = {"conversation": 0.0, "ear": 0.0}
    for pid in descendants(cast("Any", server)._process.pid):
        try:
            name = Path(f"/proc/{pid}/cmdline").read_text()
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        own = sum(int(line.split()[1]) for line in rollup.splitlines() if line[:8] == "Private_")
        for kind, title in (("conversation", "ConversationActor"), ("ear", "EarProcess")):
            if title in name or f"ray::{kind}" in name:
                sizes[kind] = max(sizes[kind], own / 1024)
    return sizes
