"""Which engine speaks."""

from dataclasses import dataclass
from pathlib import Path

from actors.engines.base import Engine, EngineError, ModelMissing
from actors.engines.models import ModelFiles, find_models

SCRIPTED_AT = "scripted@"
"""Before a real-time factor: a scripted engine of a known capacity, on a machine of any speed."""


@dataclass(frozen=True, slots=True)
class EngineChoice:
    name: str
    """`espeak`, `kokoro` or `scripted`."""
    models: ModelFiles | None
    """What the engine loads; None if it needs no files."""
    sentence: str
    """For people: who speaks, and how to get the other."""
    real_time_factor: float = 0.0
    """Of the scripted engine, which takes no time by itself."""


def choose_engine(name: str, model_dir: Path) -> EngineChoice:
    """Choose an engine by name; `auto` takes Kokoro where its files are, else espeak.

    Nothing is loaded, so a choice can be made, and sent, anywhere.

    Raises:
        ModelMissing: Kokoro is asked for and its files are not there.
        EngineError: no engine has the name.
    """
    models = find_models(model_dir)
    match name:
        case "auto":
            return _kokoro(models) if models else _espeak(models)
        case "kokoro" if models:
            return _kokoro(models)
        case "kokoro":
            raise ModelMissing(
                f"There are no model files in {model_dir}; fetch them with `colloquy models fetch`."
            )
        case "espeak":
            return _espeak(models)
        case "scripted":
            return EngineChoice("scripted", None, "A scripted engine speaks in tones, for tests.")
        case _ if name.startswith(SCRIPTED_AT):
            factor = float(name.removeprefix(SCRIPTED_AT))
            return EngineChoice("scripted", None, f"Tones, at {factor} of real time.", factor)
        case _:
            raise EngineError(f"There is no engine {name!r}; choose auto, espeak or kokoro.")


def load_engine(
    choice: EngineChoice, threads: int = 1, *, device: str = "auto", calibrating: bool = False
) -> Engine:
    """Load the engine that was chosen, in this process.

    Args:
        choice: Which.
        threads: That each run of a model computes with on the processor.
        device: What a model computes on, `cuda`, `rocm`, `coreml`, `directml` or `cpu`; `auto` is
            the best that there is.
        calibrating: It may make its voices better in the background as they are used.

    Raises:
        ModelMissing: its files have gone since.
        ModelInvalid: its files are not what they should be.
        EngineError: it cannot be loaded.
    """
    # Imported here, so that a process pays only for the engine it speaks with.
    if choice.models is not None:
        from actors.engines.kokoro import KokoroEngine
        from actors.engines.kokoro_graph.providers import Device

        files, wanted = choice.models, None if device == "auto" else Device(device)
        return KokoroEngine(
            files.model, files.voices, threads, device=wanted, calibrating=calibrating
        )
    if choice.name == "scripted":
        from actors.engines.scripted import ScriptedEngine

        return ScriptedEngine(real_time_factor=choice.real_time_factor)
    from actors.engines.espeak import EspeakEngine

    return EspeakEngine()


def _kokoro(models: ModelFiles) -> EngineChoice:
    return EngineChoice(
        "kokoro", models, f"Kokoro speaks, with {models.model.name}; choose espeak for the robot."
    )


def _espeak(models: ModelFiles | None) -> EngineChoice:
    other = "choose kokoro" if models else "run `colloquy models fetch`"
    return EngineChoice("espeak", None, f"espeak-ng speaks; {other} for a natural voice.")
