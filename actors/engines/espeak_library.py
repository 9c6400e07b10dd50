"""The espeak-ng library by ctypes: text in, samples and events out.

Danger: the library keeps its state in global variables, and two threads in it at a time corrupt
the heap. Everything here that calls it holds the one lock of the process.
"""

import ctypes
import threading
from ctypes import POINTER, c_char_p, c_int, c_short, c_size_t, c_uint, c_void_p
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from typing import Any

import espeakng_loader

from actors.engines.base import EngineError

_SYNCHRONOUS = 2
_PHONEME_EVENTS = 0x0001
_DONT_EXIT = 0x8000
_UTF8, _PHONEMES = 0x0001, 0x0100
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_PAUSES = (b"", b"_", b"_:")
"""The phonemes that are silence, by name."""


class _Kind(IntEnum):
    LIST_END = 0
    WORD = 1
    END = 5
    PHONEME = 7


class _Id(ctypes.Union):
    _fields_ = (("number", c_int), ("name", c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", c_int),
        ("unique_identifier", c_uint),
        ("text_position", c_int),
        ("length", c_int),
        ("audio_position", c_int),
        ("sample", c_int),
        ("user_data", c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(c_int, POINTER(c_short), c_int, POINTER(_Event))


@dataclass(frozen=True, slots=True)
class Manner:
    """How the library is told to sound."""

    voice: str
    """One of its voices with one of its variants, e.g. `en-us+f2`."""
    rate: int
    """Words a minute, 80 to 450."""
    pitch: int
    """0 to 99; 50 is the variant's own."""
    range: int
    """Of the pitch, 0 to 99; 50 is the variant's own."""
    volume: int = 100
    """Of the samples, in percent; what is above 100 may be clipped."""

    def instead_of(self, other: "Manner") -> str:
        """The commands that change to this manner before a word of a text, and are not read.

        The library makes a silence of 7 ms for each.
        """
        changed = (
            (self.rate, other.rate, "S"),
            (self.pitch, other.pitch, "P"),
            (self.range, other.range, "R"),
            (self.volume, other.volume, "A"),
        )
        return "".join(f"\x01{now}{letter}" for now, before, letter in changed if now != before)


@dataclass(slots=True)
class Utterance:
    """What the library said."""

    pcm: bytearray = field(default_factory=bytearray)
    """Signed 16-bit native samples, mono, at the library's rate."""
    begun: list[tuple[int, int]] = field(default_factory=list)
    """Of each word: the character it begins at, from 0, and the sample."""
    ended: list[int] = field(default_factory=list)
    """Samples at which silence begins."""


class Library:
    """The library, initialised."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said = Utterance()
        # The library keeps the callback's address, so it must live as long as this object.
        self._callback = _Callback(self._hear)
        self._c = _loaded()
        self.sample_rate = self._initialise()

    def say(self, text: str, manner: Manner, *, phonemes: bool = False) -> Utterance:
        """Speak a text, all of it before this returns; about a thousandth of the time it lasts.

        Commands in the text count as its characters. With `phonemes`, `[[` and `]]` enclose some.

        Raises:
            EngineError: the library refuses.
        """
        with self._lock:
            self._said = said = Utterance()
            self._obey(manner)
            encoded, flags = text.encode(), _UTF8 | _PHONEMES * phonemes
            self._check(self._c.espeak_Synth(encoded, len(encoded) + 1, 0, 0, 0, flags, None, None))
            self._said = Utterance()
        return said

    def _initialise(self) -> int:
        where = espeakng_loader.get_data_path().encode()
        rate = int(self._c.espeak_Initialize(_SYNCHRONOUS, 0, where, _PHONEME_EVENTS | _DONT_EXIT))
        if rate <= 0:
            raise EngineError("espeak-ng finds no voice data; install espeakng-loader anew.")
        self._c.espeak_SetSynthCallback(self._callback)
        return rate

    def _obey(self, manner: Manner) -> None:
        self._check(self._c.espeak_SetVoiceByName(manner.voice.encode()))
        for parameter, value in (
            (_RATE, manner.rate),
            (_VOLUME, manner.volume),
            (_PITCH, manner.pitch),
            (_RANGE, manner.range),
        ):
            self._check(self._c.espeak_SetParameter(parameter, value, 0))

    def _check(self, status: int) -> None:
        if status != 0:
            raise EngineError(f"espeak-ng refused with status {status}; restart the process.")

    def _hear(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._said.pcm += ctypes.string_at(samples, count * 2)
        index = 0
        while events[index].type != _Kind.LIST_END:
            self._note(events[index])
            index += 1
        return 0

    def _note(self, event: Any) -> None:
        if event.type == _Kind.WORD:
            self._said.begun.append((event.text_position - 1, event.sample))
        elif event.type == _Kind.END or (
            event.type == _Kind.PHONEME and event.id.string in _PAUSES
        ):
            self._said.ended.append(event.sample)


@cache
def library() -> Library:
    """The library of this process, loaded when it is first asked for.

    Raises:
        EngineError: it cannot be loaded.
    """
    return Library()


def _loaded() -> Any:
    try:
        c = ctypes.CDLL(espeakng_loader.get_library_path())
    except OSError as error:
        raise EngineError("espeak-ng cannot be loaded; install espeakng-loader anew.") from error
    c.espeak_Initialize.argtypes = (c_int, c_int, c_char_p, c_int)
    c.espeak_SetSynthCallback.argtypes = (_Callback,)
    c.espeak_SetVoiceByName.argtypes = (c_char_p,)
    c.espeak_SetParameter.argtypes = (c_int, c_int, c_int)
    c.espeak_Synth.argtypes = (
        c_char_p, c_size_t, c_uint, c_int, c_uint, c_uint, POINTER(c_uint), c_void_p,
    )  # fmt: skip
    return c
