"""How many syllables a text has, near enough to tell fast speech from slow."""

import re

_WORD = re.compile(r"[a-zà-ɏ]+(?:'[a-z]+)?|\d")
_NUCLEUS = re.compile(r"[aeiouyà-æè-ïò-öø-ýœ]+|(?<=[ds])n't")
_SILENT = re.compile(
    r"(?<=[^aeiouyl])e$|(?<=[aeiouy]l)e$|(?<=[^aeiouydt])e(?=d$)|(?<=[^aeiouscxzgh])e(?=s$)"
)


def syllables(text: str) -> int | None:
    """Groups of vowels, less the silent e of English; a digit counts as one.

    None where the text has neither Latin letters nor digits.
    """
    words = _WORD.findall(text.lower().replace("’", "'"))
    return sum(map(_of_word, words)) or None


def _of_word(word: str) -> int:
    return max(1, len(_NUCLEUS.findall(_SILENT.sub("", word))))
