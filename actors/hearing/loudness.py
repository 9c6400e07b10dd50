"""Loudness as ITU-R BS.1770-5 defines it: K-weighted, gated, in LUFS."""

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import SAMPLE_RATE

BLOCK_S, STEP_S = 0.4, 0.1
ABSOLUTE_GATE = -70.0
RELATIVE_GATE = -10.0
OFFSET = -0.691

# The two filters of the recommendation, given there for 48 kHz: numerator, then denominator.
_SHELF = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
_GIVEN_RATE = 48_000

_STEP = round(STEP_S * SAMPLE_RATE)
_BEFORE = 3 * _STEP
"""After which nothing is left of what came into the filters."""
_SIZE = 65_536
_PIECE = (_SIZE - _BEFORE) // _STEP * _STEP


def integrated(samples: NDArray[np.int16]) -> float | None:
    """Loudness of mono samples at `SAMPLE_RATE` in LUFS; None if all is below the gate.

    Sound shorter than a block of 400 ms, a backchannel say, is one block.
    """
    steps = np.concatenate(list(_powers(samples)))
    length = min(round(BLOCK_S / STEP_S), len(steps))
    blocks = np.convolve(steps, np.ones(length) / length, "valid")
    loud = blocks[_lufs(blocks) > ABSOLUTE_GATE]
    if not loud.size:
        return None
    loud = loud[_lufs(loud) > _lufs(loud.mean()) + RELATIVE_GATE]
    return float(_lufs(loud.mean()))


def _powers(samples: NDArray[np.int16]) -> Iterator[NDArray[np.float64]]:
    """Mean square after the filters, of steps of 100 ms; the last step may be shorter."""
    for begin in range(0, len(samples), _PIECE):
        from_here = max(0, begin - _BEFORE)
        piece = samples[from_here : begin + _PIECE] / np.float32(32768)
        first = np.zeros(_BEFORE - (begin - from_here), np.float32)
        squares = _weighted(np.concatenate((first, piece)))[_BEFORE:] ** 2
        starts = np.arange(0, len(squares), _STEP)
        lengths = np.diff(np.append(starts, len(squares)))
        yield np.add.reduceat(squares, starts) / lengths


def _weighted(piece: NDArray[np.float32]) -> NDArray[np.float64]:
    # As a product of spectra: at a rate that the recommendation does not speak of, the response
    # is still its own, and NumPy has no recursive filter. What wraps round falls on `_BEFORE`.
    return np.fft.irfft(np.fft.rfft(piece, _SIZE) * _response(), _SIZE)[: len(piece)]


@cache
def _response() -> NDArray[np.complex128]:
    hertz = np.fft.rfftfreq(_SIZE, 1 / SAMPLE_RATE)
    delay = np.exp(-2j * np.pi * hertz / _GIVEN_RATE)
    powers = np.stack([np.ones_like(delay), delay, delay**2])
    (b1, a1), (b2, a2) = _SHELF, _HIGH_PASS
    ratio = (np.array(b1) @ powers) / (np.array(a1) @ powers)
    result: NDArray[np.complex128] = ratio * (np.array(b2) @ powers) / (np.array(a2) @ powers)
    return result


def _lufs(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return OFFSET + 10 * np.log10(np.maximum(power, 1e-12))
