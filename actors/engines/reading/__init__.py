"""Reading a text aloud: from written words to phonemes."""

from actors.engines.reading.packing import Reading
from actors.engines.reading.reading import Reader

__all__ = ["Reader", "Reading"]
