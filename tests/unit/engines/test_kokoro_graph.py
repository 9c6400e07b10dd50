import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from actors.engines.base import EngineError, ModelInvalid, ModelMissing
from actors.engines.kokoro_graph import OpenedKokoro, Part, Rung, cache, prepare, seeded_noise
from actors.engines.kokoro_graph.anchors import find_anchors
from actors.engines.kokoro_graph.build import TOLERANCE
from actors.engines.kokoro_graph.graph import rounded
from actors.engines.kokoro_graph.sessions import file_of, load
from actors.engines.kokoro_graph.split import with_noise_input
from actors.engines.kokoro_graph.topology import needed

FIXTURES = Path(__file__).parents[2] / "fixtures"
MODEL = FIXTURES / "kokoro-small.onnx"
TOKENS = np.array([0, 43, 102, 62, 156, 76, 158, 16, 81, 83, 54, 4, 0], np.int64)
Change = Callable[[onnx.ModelProto], None]


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("caches")


@pytest.fixture(scope="module")
def directory(caches: Path) -> Path:
    directory = prepare(MODEL, caches).directory
    assert directory is not None
    return directory


@pytest.fixture(scope="module")
def kokoro(directory: Path) -> OpenedKokoro:
    return OpenedKokoro(directory)


@pytest.fixture(scope="module")
def style() -> np.ndarray:
    with np.load(FIXTURES / "voices-small.bin") as voices:
        return voices["bf_random"][len(TOKENS) - 1]


def changed(at: Path, *changes: Change) -> Path:
    model = onnx.load(MODEL)
    for change in changes:
        change(model)
    onnx.save(model, at)
    return at


def all_nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            yield from all_nodes(attribute.g)


def rename(graph: onnx.GraphProto, names: dict[str, str]) -> None:
    for node in all_nodes(graph):
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
        for attribute in node.attribute:
            for value in (*attribute.g.input, *attribute.g.output, *attribute.g.initializer):
                value.name = names.get(value.name, value.name)
    for value in (*graph.input, *graph.output, *graph.initializer):
        value.name = names.get(value.name, value.name)


def scramble(model: onnx.ModelProto) -> None:
    graph = model.graph
    names = {name for node in all_nodes(graph) for name in node.output if name}
    names |= {each.name for each in graph.initializer}
    names -= {each.name for each in (*graph.input, *graph.output)}
    numbers = np.random.default_rng(3).permutation(len(names))
    rename(graph, {name: f"t{n}" for name, n in zip(sorted(names), numbers, strict=True)})
    for number, node in enumerate(all_nodes(graph)):
        node.name = f"n{number}"
    del graph.value_info[:]


def call_tokens_input_ids(model: onnx.ModelProto) -> None:
    rename(model.graph, {"tokens": "input_ids"})


def call_samples_audio(model: onnx.ModelProto) -> None:
    rename(model.graph, {"waveform": "audio"})


def take_whole_speeds(model: onnx.ModelProto) -> None:
    graph = model.graph
    rename(graph, {"speed": "float_speed"})
    (speed,) = (each for each in graph.input if each.name == "float_speed")
    speed.name, speed.type.tensor_type.elem_type = "speed", TensorProto.INT32
    graph.node.insert(0, helper.make_node("Cast", ["speed"], ["float_speed"], to=TensorProto.FLOAT))


def tell_no_durations(model: onnx.ModelProto) -> None:
    del model.graph.output[1]


def draw_no_noise(model: onnx.ModelProto) -> None:
    for node in model.graph.node:
        if node.op_type == "RandomNormalLike":
            node.op_type = "Identity"
            del node.attribute[:]


def round_up(model: onnx.ModelProto) -> None:
    """Make durations whole in a way that nobody looks for."""
    (node,) = (node for node in model.graph.node if node.op_type == "Round")
    node.op_type = "Ceil"


def enter_otherwise(model: onnx.ModelProto) -> None:
    """Give the generator an entry that nobody looks for."""
    makers = {node.output[0]: node for node in model.graph.node}
    for node in model.graph.node:
        if node.op_type == "ConvTranspose":
            before = makers[node.input[0]]
            if before.op_type == "LeakyRelu":
                before.op_type = "Elu"
                del before.attribute[:]


def hiss(model: onnx.ModelProto) -> None:
    """Add noise at the very end, which no part takes from outside."""
    graph = model.graph
    rename(graph, {"waveform": "clean"})
    graph.output[0].name = "waveform"
    graph.node.append(helper.make_node("RandomUniformLike", ["clean"], ["hiss"]))
    graph.node.append(helper.make_node("Add", ["clean", "hiss"], ["waveform"]))


def other_model(*inputs: str) -> onnx.ModelProto:
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in inputs]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    node = helper.make_node("Neg", [inputs[0]], ["y"])
    return helper.make_model(
        helper.make_graph([node], "g", values, [output]),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )


def flip_a_byte(entry: Path) -> None:
    path = entry / f"{file_of(Part.GENERATOR)}.data"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_off_the_manifest(entry: Path) -> None:
    path = entry / cache.MANIFEST
    path.write_bytes(path.read_bytes()[:40])


@pytest.mark.parametrize(("speed", "seed"), [(1.0, 5), (1.3, 6)])
def test_the_parts_speak_as_the_whole_does(
    kokoro: OpenedKokoro, style: np.ndarray, tmp_path: Path, speed: float, seed: int
) -> None:
    samples, frames = kokoro.speak(TOKENS, style, speed, seeded_noise(seed))
    model = onnx.load(MODEL)
    noise = with_noise_input(model, find_anchors(model.graph))
    onnx.save(model, tmp_path / "whole.onnx")
    whole, durations = load(tmp_path / "whole.onnx", threads=1, optimised=False).run(
        ["waveform", "duration"],
        {
            "tokens": TOKENS[None],
            "style": style,
            "speed": np.array([speed], np.float32),
            noise: seeded_noise(seed)(len(samples)),
        },
    )
    np.testing.assert_allclose(samples, whole, rtol=0, atol=TOLERANCE)
    np.testing.assert_array_equal(frames, durations)
    assert np.abs(whole).max() > 1000 * TOLERANCE


def test_the_same_noise_gives_the_same_samples_and_other_noise_others(
    kokoro: OpenedKokoro, style: np.ndarray
) -> None:
    one, again, other = (kokoro.speak(TOKENS, style, 1, seeded_noise(s))[0] for s in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_longer_noise_begins_as_shorter_noise_does() -> None:
    noise = seeded_noise(9)
    assert np.array_equal(noise(1200)[:, :600], noise(600))


def test_the_frames_of_the_tokens_are_the_length_of_the_sound(
    kokoro: OpenedKokoro, style: np.ndarray
) -> None:
    samples, frames = kokoro.speak(TOKENS, style, 1, seeded_noise(1))
    assert len(frames) == len(TOKENS)
    assert frames.sum() == len(samples) / 600


def test_durations_are_rounded_to_the_even_and_never_none() -> None:
    assert rounded(np.array([0.2, 2.5, 3.5, 4.0], np.float32)).tolist() == [1, 2, 4, 4]


def test_too_many_tokens_are_refused_and_the_next_are_spoken(
    kokoro: OpenedKokoro, style: np.ndarray
) -> None:
    with pytest.raises(EngineError, match="fewer"):
        kokoro.speak(np.ones(600, np.int64), style, 1, seeded_noise(1))
    assert len(kokoro.speak(TOKENS, style, 1, seeded_noise(1))[0])


def test_sound_that_is_no_numbers_is_refused(kokoro: OpenedKokoro, style: np.ndarray) -> None:
    with pytest.raises(EngineError, match="no numbers"):
        kokoro.speak(TOKENS, style, 1, lambda n: np.full((1, n, 9), np.nan, np.float32))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([scramble], id="no names"),
        pytest.param([call_samples_audio, tell_no_durations], id="v0.19"),
        pytest.param([call_tokens_input_ids, tell_no_durations], id="onnx-community"),
        pytest.param([call_tokens_input_ids, take_whole_speeds], id="v1.1-zh"),
    ],
)
def test_every_generation_is_opened_and_speaks_alike(
    kokoro: OpenedKokoro, style: np.ndarray, tmp_path: Path, changes: list[Change]
) -> None:
    prepared = prepare(changed(tmp_path / "m.onnx", *changes), tmp_path / "cache")
    assert (prepared.rung, prepared.missed) == (Rung.OPENED, {})
    assert prepared.directory is not None
    opened = OpenedKokoro(prepared.directory)
    for speed in (1, 2):
        samples, frames = opened.speak(TOKENS, style, speed, seeded_noise(4))
        expected, as_long = kokoro.speak(TOKENS, style, speed, seeded_noise(4))
        np.testing.assert_array_equal(frames, as_long)
        np.testing.assert_allclose(samples, expected, rtol=0, atol=TOLERANCE)


def test_a_model_in_integers_is_opened_without_windows(tmp_path: Path, style: np.ndarray) -> None:
    quantize_dynamic(MODEL, tmp_path / "int8.onnx", weight_type=QuantType.QUInt8)
    prepared = prepare(tmp_path / "int8.onnx", tmp_path / "cache")
    assert (prepared.rung, prepared.missed) == (Rung.OPENED, {})
    assert prepared.directory is not None
    assert prepared.difference is not None
    assert prepared.difference <= TOLERANCE
    # Each window would have a scale of its own.
    assert "differ" in (prepared.whole_because or "")
    samples, frames = OpenedKokoro(prepared.directory).speak(TOKENS, style, 1, seeded_noise(1))
    assert len(samples) == 600 * frames.sum()


def test_what_a_body_captures_is_needed() -> None:
    nodes = onnx.load(MODEL).graph.node
    captured = {name for node in nodes if node.op_type == "If" for name in needed(node)}
    assert "/F0_proj/Conv_output_0" in captured


@pytest.mark.parametrize(
    ("changes", "rung"),
    [([round_up], Rung.DURATIONS), ([round_up, tell_no_durations], Rung.WHOLE)],
)
def test_a_model_that_cannot_be_opened_says_why_and_is_not_tried_again(
    tmp_path: Path, changes: list[Change], rung: Rung
) -> None:
    model, told = changed(tmp_path / "m.onnx", *changes), list[str]()
    first = prepare(model, tmp_path / "cache", lambda step, *_: told.append(step))
    assert (first.rung, first.directory) == (rung, None)
    assert first.missed[Rung.OPENED] == (
        "The model has no rounding of durations below the speed, where one was expected."
    )
    assert first.missed[Rung.CONTROLLED] == first.missed[Rung.OPENED]
    assert (Rung.DURATIONS in first.missed) == (rung is Rung.WHOLE)
    assert told
    told.clear()
    assert prepare(model, tmp_path / "cache", lambda step, *_: told.append(step)) == first
    assert told == []


def test_parts_that_speak_otherwise_are_not_kept(tmp_path: Path) -> None:
    prepared = prepare(changed(tmp_path / "m.onnx", hiss), tmp_path / "cache")
    assert prepared.rung is Rung.DURATIONS
    assert "differ" in prepared.missed[Rung.OPENED]
    assert [each for each in (tmp_path / "cache").iterdir() if each.is_dir()] == []


def test_another_model_is_refused(tmp_path: Path) -> None:
    onnx.save(other_model("pixels", "mask"), tmp_path / "m.onnx")
    with pytest.raises(ModelInvalid, match=r"takes mask, pixels, so it is not a Kokoro model"):
        prepare(tmp_path / "m.onnx", tmp_path / "cache")


def test_another_model_with_the_same_inputs_is_not_opened(tmp_path: Path) -> None:
    onnx.save(other_model("tokens", "style", "speed"), tmp_path / "m.onnx")
    prepared = prepare(tmp_path / "m.onnx", tmp_path / "cache")
    assert prepared.rung is Rung.WHOLE
    assert prepared.missed[Rung.OPENED] == "The model has 0 heads for F0 and N, not 2."


@pytest.mark.parametrize("kept", [0, 1000, 5_000_000])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, kept: int) -> None:
    (tmp_path / "m.onnx").write_bytes(MODEL.read_bytes()[:kept])
    with pytest.raises(ModelInvalid):
        prepare(tmp_path / "m.onnx", tmp_path / "cache")


def test_a_missing_file_and_a_cache_without_room_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"m\.onnx"):
        prepare(tmp_path / "m.onnx", tmp_path)
    with pytest.raises(EngineError, match="cannot be prepared"):
        prepare(MODEL, MODEL)


def test_a_prepared_model_is_found_again_without_work(caches: Path, directory: Path) -> None:
    told: list[str] = []
    found = prepare(MODEL, caches, lambda step, *_: told.append(step))
    assert (found.directory, found.difference is not None, told) == (directory, True, [])


@pytest.mark.parametrize(
    "damage",
    [
        flip_a_byte,
        cut_off_the_manifest,
        lambda entry: (entry / file_of(Part.SOURCE)).unlink(),
        lambda entry: (entry / "more").touch(),
    ],
)
def test_damage_is_noticed(directory: Path, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    entry = Path(shutil.copytree(directory, tmp_path / "entry"))
    assert cache.read(entry) is not None
    damage(entry)
    assert cache.read(entry) is None


def test_a_damaged_entry_is_made_anew_with_what_a_killed_process_left(
    directory: Path, tmp_path: Path, style: np.ndarray, kokoro: OpenedKokoro
) -> None:
    entry = Path(shutil.copytree(directory, tmp_path / directory.name))
    flip_a_byte(entry)
    (tmp_path / f".{directory.name}.making" / "parts" / "half").mkdir(parents=True)
    prepared = prepare(MODEL, tmp_path)
    assert prepared.directory == entry
    assert [each for each in tmp_path.iterdir() if each.is_dir()] == [entry]
    samples, _ = OpenedKokoro(entry).speak(TOKENS, style, 1, seeded_noise(1))
    assert np.array_equal(samples, kokoro.speak(TOKENS, style, 1, seeded_noise(1))[0])


def test_parts_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelInvalid, match="prepare anew"):
        OpenedKokoro(tmp_path)


def test_of_two_processes_one_prepares_and_both_are_served(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from actors.engines.kokoro_graph import prepare\n"
        "told = []; model, cache = map(Path, sys.argv[1:])\n"
        "found = prepare(model, cache, lambda step, *_: told.append(step))\n"
        "print(found.directory, 'ready' in told, sep='\\n')"
    )
    command = [sys.executable, "-c", program, str(MODEL), str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [process.communicate()[0].splitlines() for process in both]
    assert len({directory for directory, _ in answers}) == 1
    assert sorted(worked for _, worked in answers) == ["False", "True"]
    assert cache.read(Path(answers[0][0])) is not None
