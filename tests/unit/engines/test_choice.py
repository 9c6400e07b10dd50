import subprocess
import sys
from pathlib import Path

import pytest

from actors.engines import EngineError, ModelInvalid, ModelMissing, choose_engine, load_engine
from actors.engines.scripted import ScriptedEngine
from events.direction import Phrase

FIXTURES = Path(__file__).parents[2] / "fixtures"


def test_auto_takes_kokoro_where_its_files_are(tmp_path: Path) -> None:
    assert choose_engine("auto", FIXTURES).name == "kokoro"
    assert choose_engine("auto", tmp_path).name == "espeak"


@pytest.mark.parametrize("name", ["espeak", "kokoro", "scripted"])
def test_the_engine_asked_for_is_the_engine_loaded(name: str) -> None:
    choice = choose_engine(name, FIXTURES)
    assert choice.name == load_engine(choice).name == name


def test_a_choice_says_how_to_get_the_other(tmp_path: Path) -> None:
    assert "colloquy models fetch" in choose_engine("auto", tmp_path).sentence
    assert "choose kokoro" in choose_engine("espeak", FIXTURES).sentence
    assert "choose espeak" in choose_engine("kokoro", FIXTURES).sentence


def test_kokoro_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="colloquy models fetch"):
        choose_engine("kokoro", tmp_path)


def test_an_engine_of_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="choose auto, espeak or kokoro"):
        choose_engine("festival", tmp_path)


def test_broken_files_are_found_when_loading(tmp_path: Path) -> None:
    (tmp_path / "own.onnx").write_text("nothing")
    (tmp_path / "own.bin").write_text("nothing")
    with pytest.raises(ModelInvalid):
        load_engine(choose_engine("auto", tmp_path))


def test_choosing_loads_no_engine() -> None:
    heavy = "onnxruntime", "kokoro_onnx", "espeakng_loader", "av", "numpy"
    program = (
        "import sys, pathlib, actors.engines as e; e.choose_engine('auto', pathlib.Path('.'));"
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_scripted_engine_can_be_as_slow_as_is_wanted(tmp_path: Path) -> None:
    choice = choose_engine("scripted@0.25", tmp_path)
    assert (choice.name, choice.real_time_factor) == ("scripted", 0.25)
    slept: list[float] = []
    engine = ScriptedEngine(real_time_factor=choice.real_time_factor, sleep=slept.append)
    sounds = list(engine.synthesise(Phrase(text="a line of some length"), "af_heart"))
    assert sum(slept) == pytest.approx(0.25 * sum(len(sound.pcm) for sound in sounds) / 48_000)
