"""The words of a line and of what was said before it: which carry content, which are the same."""

import re
from collections.abc import Iterable

_LITTLE = """
a about after all also am an and any are as at be because been before being but by can could
did do does doing don't down for from get go going gonna got had has have having he he's her
here hers him his how i i'd i'll i'm i've if in into is isn't it it's its just know let let's
like may me might mine more most much must my no nor not now of off oh ok okay on or our out
over please really shall she she's should so some such than that that's the their them then
there there's these they they're this those through to too uh um under up us very was wasn't
we we're well were what what's when where which who whom whose why will with won't would yeah
yes you you'd you'll you're your one thing things think guess want need say see make take put good
fine maybe mean sure hi hello hey
"""
_FUNCTION = frozenset(_LITTLE.split())
"""English words that say little by themselves."""

_EDGES = re.compile(r"^\W+|\W+$")


def normal(word: str) -> str:
    """A word as it is compared: without marks, case, possessive or plural."""
    bare = _EDGES.sub("", word.casefold().replace("’", "'")).removesuffix("'s")
    plural = len(bare) > 3 and bare.endswith("s") and not bare.endswith(("ss", "us", "is"))
    return bare[:-1] if plural else bare


def content(word: str) -> str | None:
    """The word as it is compared, or None where it carries no content of its own."""
    bare = _EDGES.sub("", word.casefold().replace("’", "'"))
    if bare in _FUNCTION or not any(map(str.isalnum, bare)):
        return None
    return normal(word)


def contents(texts: Iterable[str]) -> frozenset[str]:
    """All content words of some texts."""
    return frozenset(bare for text in texts for word in text.split() if (bare := content(word)))
