import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from actors.engines.base import EngineError, ModelInvalid, ModelMissing, Unspeakable
from actors.engines.kokoro import KokoroEngine, loading
from actors.engines.kokoro.files import read_voices
from actors.engines.kokoro_graph import Calibrations, OpenedKokoro, Preparation, prepare
from actors.engines.models import PREPARED
from actors.engines.stopping import Run, Stop, Stopped
from events.direction import Phrase, WordProsody
from tests.fixtures.listening import Heard, listen

FIXTURES = Path(__file__).parents[2] / "fixtures"
MODEL, VOICES = FIXTURES / "kokoro-small.onnx", FIXTURES / "voices-small.bin"
LINE = "Two of the small ones, please."


@pytest.fixture(scope="module")
def engine() -> KokoroEngine:
    return KokoroEngine(MODEL, VOICES, threads=1)


def say(engine: KokoroEngine, text: str = LINE, voice: str = "af_random") -> Heard:
    return listen(engine.synthesise(Phrase(text=text), voice))


def not_here(*_: object) -> Preparation:
    raise EngineError("The model cannot be prepared here.")


def altered(path: Path, change: Callable[[bytes], bytes], at: Path) -> Path:
    at.write_bytes(change(path.read_bytes()))
    return at


def voices_file(at: Path, **voices: np.ndarray) -> Path:
    with at.open("wb") as file:
        np.savez(file, **voices)
    return at


def test_it_has_the_voices_of_its_file(engine: KokoroEngine) -> None:
    described = [(voice.id, voice.language, voice.gender) for voice in engine.voices()]
    assert described == [
        ("af_random", "en-US", "female"),
        ("am_random", "en-US", "male"),
        ("bf_random", "en-GB", "female"),
    ]


def test_a_blend_is_in_between_and_is_made_once(engine: KokoroEngine) -> None:
    parts = (("af_random", 0.75), ("am_random", 0.25))
    blend = engine._mixed(parts)
    with np.load(VOICES) as voices:
        expected = 0.75 * voices["af_random"] + 0.25 * voices["am_random"]
    np.testing.assert_allclose(blend, expected, rtol=1e-5, atol=1e-6)
    assert engine._mixed(parts) is blend


def without_durations(to: Path) -> Path:
    return altered(MODEL, lambda b: b.replace(b"duration", b"duratiox"), to)


def test_a_model_that_does_not_tell_its_durations_is_opened_for_them(tmp_path: Path) -> None:
    engine = KokoroEngine(without_durations(tmp_path / "m.onnx"), VOICES)
    assert engine.capabilities.word_times
    assert say(engine).words


def test_the_same_line_is_the_same_sound(engine: KokoroEngine) -> None:
    first, other, second = say(engine), say(engine, "Another line."), say(engine)
    assert np.array_equal(first.samples, second.samples)
    assert not np.array_equal(first.samples, other.samples)


def test_where_nothing_can_be_written_the_model_runs_whole(tmp_path: Path) -> None:
    model = altered(MODEL, lambda b: b, tmp_path / "m.onnx")
    (tmp_path / PREPARED).write_text("in the way")
    assert say(KokoroEngine(model, VOICES)).loudness > 500


def test_a_whole_model_without_durations_speaks_without_word_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "prepare", not_here)
    engine = KokoroEngine(without_durations(tmp_path / "m.onnx"), VOICES)
    heard = say(engine)
    assert not engine.capabilities.word_times
    assert heard.words == []
    assert heard.loudness > 500


def test_a_loud_model_is_clipped_and_does_not_wrap(engine: KokoroEngine) -> None:
    samples = say(engine).samples.astype(int)
    assert abs(samples).max() == 32767
    # A sample that wrapped round would jump across the whole range.
    assert abs(np.diff(samples)).max() < 60_000


def test_letters_that_the_model_does_not_know_cannot_be_spoken(engine: KokoroEngine) -> None:
    with pytest.raises(Unspeakable, match="another voice"):
        say(engine, "\ua725")


def test_the_libraries_log_nothing_of_what_is_spoken(caplog: pytest.LogCaptureFixture) -> None:
    for logger in (None, "kokoro_onnx", "phonemizer"):
        caplog.set_level(logging.DEBUG, logger)
    say(KokoroEngine(MODEL, VOICES), "A secret of the house.")
    assert caplog.records == []


def test_a_voice_that_is_no_numbers_is_refused(tmp_path: Path) -> None:
    styles = np.full((510, 1, 256), np.nan, np.float32)
    with pytest.raises(ModelInvalid, match=r"af_nan.* and finite"):
        KokoroEngine(MODEL, voices_file(tmp_path / "v.bin", af_nan=styles))


def test_a_missing_file_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    for model, voices in ((tmp_path / "gone.onnx", VOICES), (MODEL, tmp_path / "gone.bin")):
        with pytest.raises(ModelMissing, match=r"gone\.\w+; fetch it with `colloquy models fetch`"):
            KokoroEngine(model, voices)


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def renamed(content: bytes) -> bytes:
    return content.replace(b"style", b"stile")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (half, "not a whole ONNX model"),
        (lambda _: b"Sorry, page not found.", "not a whole ONNX model"),
        (lambda _: b"", "not a whole ONNX model"),
        (renamed, "not a Kokoro model"),
    ],
    ids=["cut off", "a text", "empty", "another model"],
)
def test_a_wrong_model_is_refused(
    tmp_path: Path, change: Callable[[bytes], bytes], said: str
) -> None:
    model = altered(MODEL, change, tmp_path / "model.onnx")
    with pytest.raises(ModelInvalid, match=said):
        KokoroEngine(model, VOICES)


@pytest.mark.parametrize(
    "change",
    [half, lambda _: b"Sorry, page not found.", lambda _: b"", lambda b: b[:70] + b"?" + b[71:]],
    ids=["cut off", "a text", "empty", "altered"],
)
def test_broken_voices_are_refused(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    voices = altered(VOICES, change, tmp_path / "voices.bin")
    with pytest.raises(ModelInvalid, match=r"voices\.bin"):
        KokoroEngine(MODEL, voices)


@pytest.mark.parametrize(
    "array",
    [np.zeros((510, 1, 128), np.float32), np.zeros((0, 1, 256), np.float32),
     np.zeros((510, 256), np.float32), np.zeros((510, 1, 256), np.float64)],
    ids=["size", "rows", "dimensions", "type"],
)  # fmt: skip
def test_voices_of_another_shape_are_refused(tmp_path: Path, array: np.ndarray) -> None:
    voices = voices_file(tmp_path / "voices.bin", af_heart=array)
    with pytest.raises(ModelInvalid, match=r"af_heart.*should be \(510, 1, 256\) of float32"):
        KokoroEngine(MODEL, voices)


def test_a_single_array_and_an_empty_archive_are_no_voices(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", np.zeros((510, 1, 256), np.float32))
    shutil.move(tmp_path / "one.npy", tmp_path / "one.bin")
    for voices in (tmp_path / "one.bin", voices_file(tmp_path / "none.bin")):
        with pytest.raises(ModelInvalid):
            KokoroEngine(MODEL, voices)


def test_a_whole_model_that_gives_no_numbers_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "prepare", not_here)
    styles = np.full((510, 1, 256), 1e30, np.float32)
    engine = KokoroEngine(MODEL, voices_file(tmp_path / "v.bin", af_far=styles))
    with pytest.raises(EngineError) as failed:
        say(engine, "A secret.", "af_far")
    assert "secret" not in str(failed.value).lower()
    assert failed.value.__cause__ is None


def test_a_seed_is_the_same_sound_and_another_is_not(engine: KokoroEngine) -> None:
    def said(seed: int) -> np.ndarray:
        return listen(engine.synthesise(Phrase(text=LINE, seed=seed), "af_random")).samples

    assert np.array_equal(said(1), said(1))
    assert not np.array_equal(said(1), said(2))


def test_a_voice_can_take_on_the_manner_of_another(engine: KokoroEngine) -> None:
    def said(voice: str, delivery: str | None = None) -> np.ndarray:
        phrase = Phrase(text=LINE, delivery=delivery, seed=1)
        return listen(engine.synthesise(phrase, voice)).samples

    mixed = said("af_random", "am_random")
    assert len(mixed) == len(said("am_random"))  # its rhythm
    assert not np.array_equal(mixed, said("am_random"))  # another colour
    assert np.array_equal(said("af_random", "af_random"), said("af_random"))


def test_a_synthesis_that_is_stopped_ends_and_leaves_the_engine_as_it_was(
    engine: KokoroEngine,
) -> None:
    before, stop = say(engine), Stop()
    sounds = engine.synthesise(Phrase(text=LINE * 8), "af_random", stop)
    next(sounds)
    stop.set()
    with pytest.raises(Stopped):
        list(sounds)
    assert np.array_equal(say(engine).samples, before.samples)


class CountingStop(Stop):
    """Counts the runs of the model."""

    runs = 0

    @contextmanager
    def over(self, run: Run) -> Iterator[None]:
        self.runs += 1
        with super().over(run):
            yield


@pytest.fixture(scope="module")
def windowed(tmp_path_factory: pytest.TempPathFactory) -> KokoroEngine:
    """An engine whose voice is fit for windows."""
    model = tmp_path_factory.mktemp("models") / "m.onnx"
    shutil.copy(MODEL, model)
    prepared = prepare(model, model.parent / PREPARED).directory
    assert prepared is not None
    styles = read_voices(VOICES)["af_random"]
    assert Calibrations(prepared).made(OpenedKokoro(prepared), styles).passed
    return KokoroEngine(model, VOICES)


def test_what_nobody_waits_for_yet_is_made_in_fewer_runs(windowed: KokoroEngine) -> None:
    stops = [CountingStop(), CountingStop()]
    early, late = (
        listen(windowed.synthesise(Phrase(text=LINE * 2), "af_random", stop, after_s=after_s))
        for stop, after_s in zip(stops, (0, 10), strict=True)
    )
    assert stops[1].runs < stops[0].runs
    assert np.abs(early.samples.astype(int) - late.samples).max() <= 1
    assert early.words == late.words


@pytest.mark.parametrize("after_s", [0.0, 3.0])
def test_a_place_in_a_turn_is_the_same_sound_every_time(
    windowed: KokoroEngine, after_s: float
) -> None:
    one, other = (
        listen(windowed.synthesise(Phrase(text=LINE), "af_random", after_s=after_s))
        for _ in range(2)
    )
    assert np.array_equal(one.samples, other.samples)


def test_a_long_phrase_keeps_what_is_asked_of_its_words(engine: KokoroEngine) -> None:
    text = " ".join(["Many small words go by."] * 40)
    asked = Phrase(text=text, words=(WordProsody(index=180, pause_after_s=0.5),))
    plain = listen(engine.synthesise(Phrase(text=text), "af_random"))
    heard = listen(engine.synthesise(asked, "af_random"))
    assert [word.word for word in heard.words] == text.split()
    gap = heard.words[181].start_s - heard.words[180].end_s
    assert gap == pytest.approx(0.525, abs=0.013)
    assert len(heard.samples) > len(plain.samples)
