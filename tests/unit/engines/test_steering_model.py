from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from actors.engines.kokoro_graph import OpenedKokoro, prepare, seeded_noise
from actors.engines.kokoro_graph.steering import (
    Transcription,
    contour,
    envelope,
    frames,
    word_times,
)
from events.direction import Phrase, WordProsody
from tests.benchmarks.prosody import Speech, measure_prosody
from tests.fixtures.listening import track_f0

FIXTURES = Path(__file__).parents[2] / "fixtures"
WORDS = {
    "mellow": "mˈɛloʊ",
    "moon": "mˈuːn",
    "or": "ɔːɹ",
    "lemon": "lˈɛmən",
    "river": "ɹˈɪvɚ",
    "lonely": "lˈoʊnli",
}
TEXTS = ("mellow moon or lemon river", "lonely river or mellow lemon moon")
VOCABULARY = {symbol: at for at, symbol in enumerate(sorted(set("".join(WORDS.values()))), 43)}


class Singer:
    """The small model, steered as an engine does it."""

    def __init__(self, directory: Path) -> None:
        self.kokoro = OpenedKokoro(directory)
        with np.load(FIXTURES / "voices-small.bin") as voices:
            self.styles = voices["af_random"]

    def say(self, phrase: Phrase) -> Speech:
        text, tokens = written(phrase)
        style = self.styles[len(tokens) - 1]
        plan = self.kokoro.plan(tokens, style, 1.0)
        lasts = frames(plan.durations, text, phrase)
        sung = self.kokoro.score(plan, lasts, style)
        sung = replace(sung, f0=contour(sung.f0, lasts, text, phrase))
        (samples,) = self.kokoro.sound(sung, style, seeded_noise(3))
        shaped = envelope(lasts, text, phrase).shape(samples)
        return Speech(shaped, word_times(lasts, text, phrase))

    def plain(self, phrase: Phrase) -> np.ndarray:
        _, tokens = written(phrase)
        style = self.styles[len(tokens) - 1]
        samples, _ = self.kokoro.speak(tokens, style, 1.0, seeded_noise(3))
        return samples


def written(phrase: Phrase) -> tuple[Transcription, np.ndarray]:
    spoken = [WORDS[word] for word in phrase.text.split()]
    owners = [index for index, word in enumerate(spoken) for _ in f"{word} "][:-1]
    phonemes = " ".join(spoken)
    tokens = [0, *(VOCABULARY.get(symbol, 16) for symbol in phonemes), 0]
    return Transcription(phonemes, tuple(owners), len(spoken)), np.array(tokens, np.int64)


@pytest.fixture(scope="module")
def singer(tmp_path_factory: pytest.TempPathFactory) -> Singer:
    directory = prepare(FIXTURES / "kokoro-small.onnx", tmp_path_factory.mktemp("caches")).directory
    assert directory is not None
    return Singer(directory)


def test_a_neutral_phrase_is_what_the_model_says_by_itself(singer: Singer) -> None:
    neutral = Phrase(text=TEXTS[0], words=(WordProsody(index=2),))
    assert np.array_equal(singer.say(neutral).samples, singer.plain(neutral))


def test_what_is_asked_is_heard(singer: Singer) -> None:
    heard = measure_prosody(singer.say, TEXTS)
    assert heard.level_percent < 1
    assert heard.range_percent < 10  # of which the tracker has most
    assert heard.final_percent < 5
    assert heard.slope_signs == 1
    assert heard.word_edges_ms < 15
    assert heard.judged == 3 * len(TEXTS)


def test_a_word_is_heard_higher_than_its_neighbours(singer: Singer) -> None:
    asked = Phrase(text=TEXTS[0], pitch_range=0, words=(WordProsody(index=3, pitch=4),))
    speech = singer.say(asked)
    seconds, hertz = track_f0(speech.samples)
    means = []
    for span in speech.words[2:4]:
        assert span
        inside = (seconds > span[0] + 0.05) & (seconds < span[1] - 0.05)
        means.append(np.nanmedian(hertz[inside]))
    assert 12 * np.log2(means[1] / means[0]) == pytest.approx(4, abs=0.5)
