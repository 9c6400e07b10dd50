"""What is written into a line is heard, with each engine that really speaks."""

import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.client import Colloquy, Conversation
from tests.fixtures.listening import median_f0
from tests.system.serving import Server

FIXTURES = Path(__file__).parents[1] / "fixtures"
RATE = 24_000
LINE = "I would like some tomato soup and a little bread."
SOUND = "kˈɑːnstəntɪnˌoʊpəl"
"""Of a word much longer than `tomato`."""


@pytest.fixture(scope="module", params=["espeak", "kokoro"])
def speaking(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    if request.param == "espeak":
        yield request.getfixturevalue("server")
        return
    home = tmp_path_factory.mktemp("kokoro")
    (home / "models").mkdir()
    shutil.copy(FIXTURES / "kokoro-small.onnx", home / "models" / "kokoro-v1.0.onnx")
    shutil.copy(FIXTURES / "voices-small.bin", home / "models" / "voices-v1.0.bin")
    server = Server(home / "data", engine="kokoro", model_dir=home / "models")
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def talk(speaking: Server) -> Iterator[Conversation]:
    """Without expression, so that a line differs from another by what is written into it alone."""
    with Colloquy(speaking.url) as client:
        yield client.start(["ann"], intensity=0.0)


class Spoken:
    def __init__(self, talk: Conversation, text: str, **more: Any) -> None:
        with talk.speak(text, "ann", response_format="pcm", **more) as speech:
            self.samples = np.frombuffer(speech.read(), "<i2")
        self.turn = talk.turn(speech.turn_id or "")

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE

    @property
    def words(self) -> list[str]:
        return [word.word for word in self.turn.words]

    def length(self, word: str) -> float:
        return next(each.end_s - each.start_s for each in self.turn.words if each.word == word)

    def longest_silence(self) -> float:
        runs = groupby(np.abs(self.samples) < 30)
        return max(len(list(run)) for silent, run in runs if silent) / RATE


def test_a_pause_of_half_a_second_is_there(talk: Conversation) -> None:
    plain = Spoken(talk, LINE)
    paused = Spoken(talk, LINE.replace("tomato", "[pause:0.5s] tomato"), markup="tags")
    assert paused.longest_silence() == pytest.approx(0.5, abs=0.15)
    assert paused.longest_silence() > plain.longest_silence() + 0.3
    assert paused.turn.text == LINE
    assert paused.words == LINE.split()
    before, after = paused.turn.words[3], paused.turn.words[4]
    assert after.start_s - before.end_s >= 0.45


def test_a_rate_of_1_2_is_heard_as_one(talk: Conversation) -> None:
    plain, fast = Spoken(talk, LINE), Spoken(talk, f"[rate:1.2] {LINE}", markup="tags")
    assert plain.seconds / fast.seconds == pytest.approx(1.2, abs=0.08)


def test_phonemes_are_heard_and_the_word_stays_as_it_is_written(talk: Conversation) -> None:
    plain = Spoken(talk, LINE)
    said = Spoken(talk, LINE.replace("tomato", f"[tomato](/{SOUND}/)"), markup="tags")
    assert said.length("tomato") > 1.4 * plain.length("tomato")
    assert (said.turn.text, said.words) == (LINE, LINE.split())


def test_a_document_is_heard_as_tags_are(talk: Conversation) -> None:
    document = LINE.replace("tomato", f'<phoneme ph="{SOUND}">tomato</phoneme>')
    heard = Spoken(talk, f"<speak>{document}</speak>", markup="ssml")
    tags = Spoken(talk, LINE.replace("tomato", f"[tomato](/{SOUND}/)"), markup="tags")
    assert heard.seconds == pytest.approx(tags.seconds, rel=0.02)
    assert heard.words == LINE.split()


def test_another_voice_is_heard_where_it_is_written(speaking: Server, talk: Conversation) -> None:
    own = talk.participants[0].voice
    ids = [voice["id"] for voice in speaking.get("/v1/audio/voices")["voices"]]
    other = next(voice for voice in ids if voice[1] == "m" and voice != own)
    heard = Spoken(talk, f"{LINE} [voice:{other}] {LINE}", markup="tags")
    own_phrase, others_phrase = heard.turn.direction["phrases"]
    assert (own_phrase["voice"], others_phrase["voice"]) == (None, other)
    assert heard.words == [*LINE.split(), *LINE.split()]
    same = Spoken(talk, f"{LINE} {LINE}")
    theirs, own_again = (second_half(spoken) for spoken in (heard, same))
    if heard.turn.engine == "espeak":
        assert median_f0(theirs) < 0.9 * median_f0(own_again)
    else:  # the voices of the small model are near one another, but its sound is always the same
        assert theirs.tobytes() != own_again.tobytes()


def second_half(spoken: Spoken) -> NDArray[np.int16]:
    begin_s = spoken.turn.words[len(LINE.split())].start_s
    return spoken.samples[round(begin_s * RATE) :]


def test_a_dictionary_is_heard_until_it_is_taken_back(talk: Conversation) -> None:
    plain = Spoken(talk, LINE)
    talk.pronounce({"Tomato": {"phonemes": SOUND}})
    said = Spoken(talk, LINE)
    talk.pronounce({})
    again = Spoken(talk, LINE)
    assert said.length("tomato") > 1.4 * plain.length("tomato")
    assert again.length("tomato") == pytest.approx(plain.length("tomato"), rel=0.1)
    assert said.words == LINE.split()


def test_markup_comes_through_the_live_connection(talk: Conversation) -> None:
    with talk.live() as live:
        turn = live.begin("ann", markup="tags")
        for letter in f"I would like some [pause:0.5s] [tomato](/{SOUND}/) soup.":
            turn.say(letter)
        turn.end()
        samples = np.frombuffer(b"".join(turn), "<i2")
    assert [word.word for word in turn.words] == ["I", "would", "like", "some", "tomato", "soup."]
    assert len(samples) / RATE > 1.5
