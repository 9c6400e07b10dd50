"""Memory that a long line needed, given back to the system."""

import ctypes
from functools import cache


def give_back() -> None:
    """Return what is free in the heap: it would be kept, by habit, for the life of the process.

    Takes some milliseconds. Does nothing where the C library has no such call.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> "ctypes._NamedFuncPointer | None":
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
