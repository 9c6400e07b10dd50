"""Kokoro as an engine: a model that is opened where it can be, else the model as it is."""

from actors.engines.kokoro.engine import KokoroEngine

__all__ = ["KokoroEngine"]
