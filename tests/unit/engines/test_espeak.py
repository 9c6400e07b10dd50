from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from actors.engines.base import Unspeakable
from actors.engines.espeak import EspeakEngine
from actors.engines.espeak_manner import manner_of
from actors.engines.voices import CATALOGUE, DEFAULT_ORDER
from events.direction import Phrase
from tests.fixtures.listening import Heard, listen, median_f0, semitones

LINE = "The quick brown fox would like to know who it was."


@pytest.fixture(scope="module")
def engine() -> EspeakEngine:
    return EspeakEngine()


def say(engine: EspeakEngine, text: str, voice: str = "af_heart", speed: float = 1) -> Heard:
    return listen(engine.synthesise(Phrase(text=text, speed=speed), voice))


def test_neighbours_in_the_default_order_are_far_apart_in_pitch(engine: EspeakEngine) -> None:
    pitches = [median_f0(say(engine, LINE, voice).samples) for voice in DEFAULT_ORDER]
    apart = [semitones(one, other) for one, other in pairwise(pitches)]
    assert min(apart) >= 4


def test_no_two_voices_sound_alike() -> None:
    assert len({manner_of(voice, Phrase(text=LINE)) for voice in CATALOGUE}) == len(CATALOGUE)


@pytest.mark.parametrize("voice", CATALOGUE)
def test_every_voice_of_the_catalogue_speaks(engine: EspeakEngine, voice: str) -> None:
    assert say(engine, "42", voice).loudness > 500


def test_a_blend_is_spoken_by_its_heaviest_voice(engine: EspeakEngine) -> None:
    alone = median_f0(say(engine, LINE, "am_michael").samples)
    mixed = median_f0(say(engine, LINE, "af_heart(1)+am_michael(3)").samples)
    assert semitones(alone, mixed) < 1


@pytest.mark.parametrize(
    ("speed", "rate"), [(0.25, 80), (0.5, 88), (1.0, 175), (2.0, 350), (4.0, 450)]
)
def test_speed_is_words_a_minute_within_what_the_library_reaches(speed: float, rate: int) -> None:
    assert manner_of("af_heart", Phrase(text=LINE, speed=speed)).rate == rate


def starts(heard: Heard) -> dict[str, float]:
    return {word.word: word.start_s for word in heard.words}


def test_words_stand_where_they_are_said(engine: EspeakEngine) -> None:
    heard = say(engine, "one two. three four? five")
    begins = list(starts(heard).values())
    assert all(0.1 < later - earlier < 0.8 for earlier, later in pairwise(begins))
    ends = {word.word: word.end_s for word in heard.words}
    assert starts(heard)["five"] - ends["four?"] > 0.2


def test_what_is_read_for_a_sign_is_not_of_the_next_word(engine: EspeakEngine) -> None:
    times = {word.word: word for word in say(engine, "that 🙂 ok").words}
    assert times["🙂"].end_s - times["🙂"].start_s > 0.5
    assert times["ok"].end_s - times["ok"].start_s < 0.6


def test_an_amount_is_one_word_as_long_as_it_is_read(engine: EspeakEngine) -> None:
    amount, rest = say(engine, "£1,234.50 please").words
    assert amount.end_s > 2
    assert rest.start_s >= amount.end_s


def test_mark_up_is_read_and_not_obeyed(engine: EspeakEngine) -> None:
    plain = say(engine, "hi").seconds
    assert say(engine, '<break time="9s"/> hi').seconds > plain + 1
    assert say(engine, "[[h@l'oU]]").seconds > plain


def test_letters_that_the_library_does_not_know_cannot_be_spoken(engine: EspeakEngine) -> None:
    with pytest.raises(Unspeakable, match="another voice"):
        say(engine, "\ua725")


def test_threads_wait_for_one_another() -> None:
    engines = [EspeakEngine(), EspeakEngine()]
    with ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(lambda nth: say(engines[nth % 2], LINE), range(40)))
    assert all([word.word for word in each.words] == LINE.split() for each in heard)
    lengths = [each.seconds for each in heard]
    assert max(lengths) - min(lengths) < 0.15


def test_memory_does_not_grow_with_the_phrase(engine: EspeakEngine) -> None:
    pieces = engine.synthesise(Phrase(text="again and " * 200_000), "af_heart")
    assert len(next(pieces).pcm) == 4800
