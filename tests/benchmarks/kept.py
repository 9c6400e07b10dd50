"""Whether every word of a text is in what an engine is made to say, whatever is asked of it.

Nobody has to recognise anything: Kokoro's phonemes are seen as they go to the model, each with the
word it is of, and espeak-ng tells its phonemes, and the words they are of, as it says them.
"""

from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from actors.engines.base import Engine, Sound
from actors.engines.espeak import EspeakEngine
from actors.engines.espeak_library import Library, _Kind, library
from actors.engines.kokoro import KokoroEngine
from actors.engines.kokoro.speaker import Speaker
from actors.engines.reading import Reading
from events.direction import Direction, Phrase

_SILENT = frozenset(" .,!?;:…—-'\"“”()ˈˌː")
_PAUSES = ("_", "_:", "")


def count_lost(engine: Engine, text: str, direction: Direction) -> int:
    """Words of a text that its phrases lack, and those, or phonemes of those, that are not said."""
    directed = Counter(word for phrase in direction.phrases for word in phrase.text.split())
    lost = (Counter(text.split()) - directed).total()
    for phrase in direction.phrases:
        if isinstance(engine, KokoroEngine):
            lost += len(silent_of_kokoro(engine, phrase, direction.voice))
        elif isinstance(engine, EspeakEngine):
            lost += missing_of_espeak(engine, phrase, direction.voice)
    return lost


def silent_of_kokoro(engine: KokoroEngine, phrase: Phrase, voice: str) -> list[str]:
    """The words of a phrase of which no phoneme goes to the model; nothing is spoken."""
    sent: list[Reading] = []
    speaker = engine._speaker
    engine._speaker = _Listening(speaker, sent)
    try:
        list(engine.synthesise(phrase, voice))
    finally:
        engine._speaker = speaker
    return _silent(phrase.text, sent)


class _Listening:
    """Takes what a speaker would say."""

    def __init__(self, speaker: Speaker, sent: list[Reading]) -> None:
        self.capabilities = speaker.capabilities
        self._sent = sent

    def say(self, reading: Reading, *_: Any) -> Iterator[Sound]:
        self._sent.append(reading)
        return iter(())

    def close(self) -> None: ...


def _silent(text: str, readings: list[Reading]) -> list[str]:
    heard = dict.fromkeys(range(len(text.split())), False)
    first = 0
    for reading in readings:
        own = first - 1
        numbers = [own := own + (word is not None) for word in reading.words]
        for phoneme, owner in zip(reading.phonemes, reading.owner, strict=True):
            heard[numbers[owner]] |= phoneme not in _SILENT
        first = own + 1
    words = text.split()
    if first != len(words):
        return words
    return [word for n, word in enumerate(words) if _says(word) and not heard[n]]


def missing_of_espeak(engine: EspeakEngine, phrase: Phrase, voice: str) -> int:
    """Phonemes of a phrase, as the voice says it by itself, that it does not say as directed."""
    alone = _phonemes(engine, Phrase(text=phrase.text, seed=phrase.seed), voice)
    directed = _phonemes(engine, phrase, voice)
    matching = SequenceMatcher(None, alone, directed, autojunk=False).get_matching_blocks()
    return max(len(alone), 1) - sum(block.size for block in matching)


def _phonemes(engine: EspeakEngine, phrase: Phrase, voice: str) -> list[str]:
    told: list[str] = []
    shared = library()

    def note(event: Any) -> None:
        if event.type == _Kind.PHONEME:
            told.append(event.id.string.decode())
        Library._note(shared, event)

    shared._note = note  # type: ignore[method-assign]
    try:
        list(engine.synthesise(phrase, voice))
    finally:
        del shared._note  # type: ignore[misc]
    return [phoneme for phoneme in told if phoneme not in _PAUSES]


def _says(word: str) -> bool:
    return any(map(str.isalnum, word))
