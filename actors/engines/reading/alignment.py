"""Which phonemes are of which word, when a phonemiser was given all the words at once."""

from collections.abc import Callable, Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import accumulate, pairwise

LONGEST_JOIN = 3
"""So many words at most are one in what the phonemiser gives, as `of the` is."""

Phonemise = Callable[[str], str]

_STRESS = str.maketrans("", "", "ˈˌː")


def divide(words: Sequence[str], phonemes: str, phonemise: Phonemise) -> list[str]:
    """Cut phonemes into those of each word; together they are all of them, in order.

    A space is of the word before it. Words and phoneme-words are matched one to one where they are
    as many, else by what the phonemiser gives for few words at a time; and where even that leaves
    a difference, each word is looked for by its own sound.
    """
    spoken = phonemes.split(" ")
    if len(spoken) == len(words):
        return _spaced(spoken)
    groups = list(_groups(words, phonemise))
    if sum(size for _, size in groups) == len(spoken):
        return list(_by_groups(groups, spoken, phonemise))
    return _found(words, phonemes, phonemise)


def _spaced(spoken: Sequence[str]) -> list[str]:
    return [*(f"{each} " for each in spoken[:-1]), *spoken[-1:]]


def _groups(words: Sequence[str], phonemise: Phonemise) -> Iterator[tuple[Sequence[str], int]]:
    """Words that belong together, and as how many phoneme-words."""
    at = 0
    while at < len(words):
        count = _joined(words[at:], phonemise)
        group = words[at : at + count]
        yield group, 1 if count > 1 else len(phonemise(group[0]).split())
        at += count


def _joined(words: Sequence[str], phonemise: Phonemise) -> int:
    """How many of the next words make one phoneme-word; 1 where each has its own."""
    for count in range(min(LONGEST_JOIN, len(words)), 1, -1):
        # Some are joined only where a word comes after them: `to be` is, at the end it is not.
        after = words[-1:] if count < len(words) else ()
        if len(phonemise(" ".join((*words[:count], *after))).split()) == 1 + len(after):
            return count
    return 1


def _by_groups(
    groups: Sequence[tuple[Sequence[str], int]], spoken: Sequence[str], phonemise: Phonemise
) -> Iterator[str]:
    pieces = _spaced(spoken)
    at = 0
    for words, size in groups:
        yield from _found(words, "".join(pieces[at : at + size]), phonemise)
        at += size


def _found(words: Sequence[str], phonemes: str, phonemise: Phonemise) -> list[str]:
    """Cut where each word, phonemised alone, is found again in the whole."""
    if len(words) == 1:
        return [phonemes]
    alone = ["".join(phonemise(word).split()).translate(_STRESS) for word in words]
    places = [at for at, phoneme in enumerate(phonemes) if phoneme not in " ˈˌː"]
    whole = [phonemes[at] for at in places]
    blocks = SequenceMatcher(
        None, list("".join(alone)), whole, autojunk=False
    ).get_matching_blocks()
    heads = [_across(blocks, at) for at in accumulate(map(len, alone[:-1]))]
    cuts = [_start(phonemes, places, head) for head in _apart(heads, len(whole))]
    return [phonemes[begin:end] for begin, end in pairwise([0, *cuts, len(phonemes)])]


def _apart(heads: Sequence[int], count: int) -> list[int]:
    """Where words after the first begin, such that each has a phoneme where there are enough."""
    kept = list(accumulate(heads, lambda before, head: max(head, before + 1), initial=0))[1:]
    latest = range(count - len(kept), count)
    return [max(0, min(head, last)) for head, last in zip(kept, latest, strict=True)]


def _across(blocks: Sequence[Match], at: int) -> int:
    """Where a phoneme of the words alone stands in the whole, or else the next that does."""
    block = next((each for each in blocks if at < each.a + each.size), blocks[-1])
    return block.b + max(at - block.a, 0)


def _start(phonemes: str, places: Sequence[int], index: int) -> int:
    """Where a phoneme begins, with the stress before it."""
    if index >= len(places):
        return len(phonemes)
    at = places[index]
    while at and phonemes[at - 1] in "ˈˌ":
        at -= 1
    return at
