"""A Kokoro of the true size with seeded random weights: it costs what the published one costs.

`python full_size_kokoro.py DIRECTORY` writes `kokoro-random.onnx` (82 million parameters, 326 MB)
and `voices-random.bin`, from the public model code with its three heads and its vocoder tamed: a
phoneme lasts some three frames of 25 ms, F0 lies about 136 Hz, and the sound is periodic at F0.
It says no words. Runs where `requirements.txt` is installed, and reaches for nothing outside.
"""

import io
import json
import os
import random
import sys
import types
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")  # it warns of shapes that are right

import numpy as np
import torch
from torch import Tensor, nn

MODEL, VOICES = "kokoro-random.onnx", "voices-random.bin"
NAMES = ("af_random", "am_random", "bf_random")
SEED = 82

VOWELS = "aæɐɑɒəɚɛɜɪiʊuʌɔoe"
VOICED = "bdɡvðzʒmnŋlɹjwɾ"
VOICELESS = "ptkfsʃθhʔ"
PAUSE_HZ = -50.0
"""Well below the 10 Hz from which on the vocoder takes a frame for voiced."""
TARGETS = (
    (VOWELS, 3.6, 145.0),
    (VOICED, 2.6, 135.0),
    (VOICELESS, 2.8, 125.0),
    ("ˈˌː", 1.4, 150.0),
    (" ", 1.6, 130.0),
    (",;:", 6.0, PAUSE_HZ),
    (".!?…", 9.0, PAUSE_HZ),
)
"""Frames of 25 ms and hertz, by phoneme; in words all is voiced, so that F0 can be measured."""
STEEPNESS = 4.0
"""Of a unit of the duration head: how surely it is on or off."""


def main(directory: Path) -> None:
    warnings.filterwarnings("ignore")
    directory.mkdir(parents=True, exist_ok=True)
    voices = random_voices()
    model = untrained()
    tame(model, [torch.from_numpy(voice[row]) for voice in voices.values() for row in (20, 200)])
    with (directory / VOICES).open("wb") as file:
        np.savez(file, **voices)
    export(model, directory / MODEL)


def random_voices() -> dict[str, np.ndarray]:
    """Styles `float32[510, 1, 256]`, one for each number of tokens, which differ little."""
    draw = np.random.default_rng(SEED)
    drift = np.linspace(-0.04, 0.04, 510)[:, np.newaxis]
    styles = [draw.normal(0, 0.15, 256) + drift * draw.normal(size=256) for _ in NAMES]
    return {
        name: style.astype(np.float32)[:, np.newaxis]
        for name, style in zip(NAMES, styles, strict=True)
    }


def untrained() -> nn.Module:
    # Its pipeline, of which nothing is needed, would bring phonemisers along.
    sys.modules["kokoro.pipeline"] = types.ModuleType("kokoro.pipeline")
    sys.modules["kokoro.pipeline"].KPipeline = None  # type: ignore[attr-defined]
    from kokoro import KModel

    torch.manual_seed(SEED)
    no_weights = io.BytesIO()
    torch.save({}, no_weights)
    no_weights.seek(0)
    config = json.loads(Path(find_spec("kokoro_onnx").origin).with_name("config.json").read_text())
    return KModel(repo_id="random", config=config, model=no_weights, disable_complex=True).eval()


@torch.no_grad()
def tame(model: nn.Module, styles: list[Tensor]) -> None:
    """Fit the heads to what speech is like, as linear functions of what reaches them."""
    runs = [(tokens, style) for tokens in babble(model.vocab) for style in styles]
    frames, hertz = targets(model.vocab)
    model.decoder.forward = lambda asr, f0, n, style: torch.zeros(1)  # the heads come before it
    _fit_durations(model, runs, frames)
    _fit_curves(model, runs, hertz)
    del model.decoder.forward
    _make_periodic(model.decoder)
    _level(model, *runs[-1])


def babble(vocab: dict[str, int]) -> Iterator[Tensor]:
    """Tokens of sentences that nobody says, in the rhythm of English."""
    draw = random.Random(SEED)  # noqa: S311
    for words in (4, 8, 12, 16, 24, 32, 48):
        text = ""
        for _ in range(words):
            syllables = draw.randint(1, 3)
            pairs = (
                draw.choice(VOICED + VOICELESS) + draw.choice(VOWELS) for _ in range(syllables)
            )
            text += draw.choice(("ˈ", "")) + "".join(pairs) + draw.choice((" ",) * 8 + (", ",))
        yield torch.tensor([[0, *(vocab[each] for each in text.rstrip(", ") + "."), 0]])


def targets(vocab: dict[str, int]) -> tuple[Tensor, Tensor]:
    """Frames and hertz by token; token 0 stands at both ends."""
    frames, hertz = torch.full((178,), 2.6), torch.full((178,), 150.0)
    frames[0], hertz[0] = 8.0, PAUSE_HZ
    for phonemes, length, pitch in TARGETS:
        tokens = [vocab[each] for each in phonemes if each in vocab]
        frames[tokens], hertz[tokens] = length, pitch
    return frames, hertz


def _fit_durations(model: nn.Module, runs: list, frames: Tensor) -> None:
    """Unit k of the head is on where a token lasts longer than k and a half frames."""
    head = model.predictor.duration_proj.linear_layer
    reaching, _ = _reaching(model, runs, head)
    weight, bias = _ridge(torch.cat(reaching), torch.cat([frames[ids[0]] for ids, _ in runs]))
    head.weight.copy_(STEEPNESS * weight.expand_as(head.weight))
    head.bias.copy_(STEEPNESS * (bias - torch.arange(len(head.bias)) - 0.5))


def _fit_curves(model: nn.Module, runs: list, hertz: Tensor) -> None:
    for head, of_pitch in (
        (model.predictor.F0_proj, lambda pitch: pitch),
        (model.predictor.N_proj, lambda pitch: 1.0 + 2.5 * (pitch > 0)),
    ):
        reaching, lengths = _reaching(model, runs, head)
        pitch = [
            torch.repeat_interleave(hertz[ids[0]], 2 * frames)
            for (ids, _), frames in zip(runs, lengths, strict=True)
        ]
        weight, bias = _ridge(torch.cat([each.T for each in reaching]), of_pitch(torch.cat(pitch)))
        head.weight.copy_(weight.view_as(head.weight))
        head.bias.fill_(float(bias))


def _reaching(model: nn.Module, runs: list, head: nn.Module) -> tuple[list[Tensor], list[Tensor]]:
    """What a head is given, and how many frames each token lasts, by run."""
    given: list[Tensor] = []
    hook = head.register_forward_pre_hook(lambda _, inputs: given.append(inputs[0][0]))
    lengths = [model.forward_with_tokens(ids, style)[1] for ids, style in runs]
    hook.remove()
    return given, lengths


def _ridge(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Weights and bias with which x [n, k] best gives y [n], held small."""
    middle, level = x.mean(0), y.mean()
    centred = (x - middle).double()
    gram = centred.T @ centred
    gram += 1e-5 * gram.diagonal().mean() * torch.eye(len(gram))
    weight = torch.linalg.solve(gram, centred.T @ (y - level).double()).float()
    return weight, level - middle @ weight


def _make_periodic(decoder: nn.Module) -> None:
    """Let the sound follow the excitation, as training would."""
    for conv, scale in ((decoder.F0_conv, 0.005), (decoder.N_conv, 0.3)):
        conv.weight_v.fill_(1.0)
        conv.weight_g.fill_(scale * 3**0.5)
        conv.bias.zero_()
    generator = decoder.generator
    harmonics = generator.m_source.l_linear
    harmonics.weight.copy_(3.0 / torch.arange(1.0, 10.0))
    harmonics.bias.zero_()
    for up in generator.ups:  # a rough kernel would print its stride on the samples
        smooth = torch.hann_window(up.kernel_size[0] + 1)[1:]
        up.weight_v.copy_(up.weight_v.mean(2, keepdim=True) * smooth)
        # As loud as the excitation beside it.
        up.weight_g.copy_(up.weight_v.flatten(1).norm(dim=1).view_as(up.weight_g))
        up.weight_g.div_(up.weight_g.mean())
    magnitudes = generator.post_n_fft // 2 + 1
    for conv in generator.noise_convs:  # the phases of weak bins are noise
        conv.weight[:, magnitudes:] *= 0.01
        conv.weight[:, :magnitudes] *= 2.0


def _level(model: nn.Module, tokens: Tensor, style: Tensor) -> None:
    """Give the spectrum that becomes sound a range and a slope like that of speech."""
    last = model.decoder.generator.conv_post
    seen: list[Tensor] = []
    hook = last.register_forward_hook(lambda _, __, output: seen.append(output[0]))
    model.forward_with_tokens(tokens, style)
    hook.remove()
    magnitudes = len(seen[0]) // 2
    spread = seen[0].std(dim=1).view_as(last.weight_g)
    last.weight_g[:magnitudes] *= 0.8 / spread[:magnitudes]
    last.weight_g[magnitudes:] *= 1.0 / spread[magnitudes:]
    last.bias.zero_()
    last.bias[:magnitudes] = torch.linspace(-1.5, -5.0, magnitudes)


def export(model: nn.Module, path: Path) -> None:
    """Write the model with the inputs and outputs of the published file."""
    from kokoro.model import KModelForONNX

    tokens = torch.randint(43, 160, (1, 50))
    unfinished = path.with_suffix(".part")
    torch.onnx.export(
        KModelForONNX(model).eval(),
        (tokens, torch.zeros(1, 256), torch.ones(1)),
        str(unfinished),
        dynamo=False,
        opset_version=17,
        input_names=["tokens", "style", "speed"],
        output_names=["waveform", "duration"],
        dynamic_axes={
            "tokens": {1: "tokens"},
            "waveform": {0: "samples"},
            "duration": {0: "tokens"},
        },
    )
    os.replace(unfinished, path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
