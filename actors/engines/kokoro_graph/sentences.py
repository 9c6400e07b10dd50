"""What voices are calibrated with: a plain line, a question, a lively and a longer one.

As tokens, because the numbers of the phonemes are the same in all generations of the model.
"""

import numpy as np
from numpy.typing import NDArray


def _tokens(phonemes: str) -> NDArray[np.int64]:
    return np.array([0, *map(int, phonemes.split()), 0])


# The birch canoe slid on the smooth planks.
_PLAIN = _tokens(
    "81 83 16 44 156 87 158 62 131 16 53 83 56 156 63 158 16 61 54 156 102 46 16 76 56 81 "
    "83 16 61 55 156 63 158 81 16 58 54 156 72 112 53 61 4 "
)

# Did you really think that it would be over by noon?
_QUESTION = _tokens(
    "46 156 102 46 16 52 63 158 16 123 156 51 83 54 51 16 119 156 102 112 53 16 81 157 70 "
    "125 102 62 16 65 135 46 16 44 51 158 16 157 57 135 64 85 16 44 43 102 16 56 156 63 "
    "158 56 6 "
)

# No, not today; we have seven boxes to carry, and the rain is near!
_LIVELY = _tokens(
    "56 156 57 135 3 16 56 157 69 158 62 16 62 83 46 156 47 102 1 16 65 51 158 16 50 72 "
    "64 16 61 156 86 64 83 56 16 44 156 69 158 53 61 177 68 16 62 83 16 53 156 72 123 51 "
    "3 16 72 56 46 16 81 83 16 123 156 47 102 56 16 102 68 16 56 156 102 123 5 "
)

# Four hours of steady work faced us, but the sky was clear.
_LONGER = _tokens(
    "48 156 76 158 123 16 156 43 135 85 68 16 138 64 16 61 62 156 86 46 51 16 65 156 87 "
    "158 53 16 48 156 47 102 61 46 16 157 138 61 3 16 44 157 138 62 16 81 83 16 61 53 156 "
    "43 102 16 65 138 68 16 53 54 156 102 123 4 "
)

# A king ruled the state in the early days.
TRIED = _tokens(
    "70 16 53 156 102 112 16 123 156 63 158 54 46 16 81 83 16 61 62 156 47 102 62 16 102 "
    "56 81 102 16 156 87 158 54 51 16 46 156 47 102 68 4 "
)

SENTENCES = (_PLAIN, _QUESTION, _LIVELY, _LONGER)
