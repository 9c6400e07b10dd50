"""English words that must not change their sound, or a listener hears another speaker.

The phonemiser's stress and vowels follow the sentence and its version; these are said one way in
each accent, whatever stands around them.
"""

import re
from functools import lru_cache

ALWAYS = {
    "data": ("dˈeɪɾə", "dˈeɪtə"),
    "either": ("ˈiːðɚ", "ˈaɪðə"),
    "neither": ("nˈiːðɚ", "nˈaɪðə"),
    "route": ("ɹˈuːt", "ɹˈuːt"),
    "aunt": ("ˈænt", "ˈɑːnt"),
    "auntie": ("ˈænti", "ˈɑːnti"),
    "envelope": ("ˈɛnvəlˌoʊp", "ˈɛnvəlˌəʊp"),
    "mobile": ("mˈoʊbəl", "mˈəʊbaɪl"),
    "vase": ("vˈeɪs", "vˈɑːz"),
    "adult": ("ɐdˈʌlt", "ˈadʌlt"),
    "often": ("ˈɔfən", "ˈɒfən"),
    "caramel": ("kˈæɹəməl", "kˈaɹəmˌɛl"),
    "tomato": ("təmˈeɪɾoʊ", "təmˈɑːtəʊ"),
    "potato": ("pətˈeɪɾoʊ", "pətˈeɪtəʊ"),
    "garage": ("ɡɚɹˈɑːʒ", "ɡˈaɹɑːʒ"),
    "schedule": ("skˈɛdʒuːl", "ʃˈɛdjuːl"),
    "privacy": ("pɹˈaɪvəsi", "pɹˈɪvəsi"),
    "leisure": ("lˈiːʒɚ", "lˈɛʒə"),
    "economics": ("ˌɛkənˈɑːmɪks", "ˌiːkənˈɒmɪks"),
    "harass": ("hɚɹˈæs", "hˈaɹəs"),
    "pajamas": ("pɐdʒˈɑːməz", "pɐdʒˈɑːməz"),
    "advertisement": ("ˌædvɚtˈaɪzmənt", "ɐdvˈɜːtɪsmənt"),
    "lever": ("lˈɛvɚ", "lˈiːvə"),
    "vitamin": ("vˈaɪɾəmɪn", "vˈɪtəmɪn"),
    "almond": ("ˈɑːmənd", "ˈɑːmənd"),
    "pecan": ("pᵻkˈɑːn", "pˈiːkən"),
    "coupon": ("kˈuːpɑːn", "kˈuːpɒn"),
    "direct": ("dᵻɹˈɛkt", "daɪɹˈɛkt"),
    "finance": ("fˈaɪnæns", "fˈaɪnans"),
    "herb": ("ˈɜːb", "hˈɜːb"),
    "niche": ("nˈiːʃ", "nˈiːʃ"),
    "status": ("stˈæɾəs", "stˈeɪtəs"),
    "patent": ("pˈætənt", "pˈeɪtənt"),
    "croissant": ("kɹəsˈɑːnt", "kwˈasɒ̃"),
    "yogurt": ("jˈoʊɡɚt", "jˈɒɡət"),
    "experiment": ("ɛkspˈɛɹɪmənt", "ɛkspˈɛɹɪmənt"),
    "basil": ("bˈeɪzəl", "bˈazəl"),
    "oregano": ("ɔːɹˈɛɡənˌoʊ", "ˌɒɹɪɡˈɑːnəʊ"),
    "miz": ("mˈɪz", "mˈɪz"),
    "ok": ("oʊkˈeɪ", "əʊkˈeɪ"),
    "okay": ("oʊkˈeɪ", "əʊkˈeɪ"),
    "yeah": ("jˈɛə", "jˈɛə"),
    "missus": ("mˈɪsᵻz", "mˈɪsɪz"),
    "gonna": ("ɡˌʌnə", "ɡˌɒnə"),
}
"""American and British, each with its form in -s."""

_NOISES = {
    "m": "ˈm",
    "hm": "hˈm",
    "mhm": "mhˈm",
    "uh-huh": "ʌhˈʌ",
    "sh": "ʃˈː",
    "psst": "pˈst",
    "tsk": "tˈsk",
    "pft": "pfˈt",
    "br": "bɹˈː",
    "gr": "ɡɹˈː",
}
"""Noises that people make, which a phonemiser takes for letters or words; without doubled ones."""

_ALSO_LETTERS = frozenset({"m", "br", "gr"})
"""Noises only when they are written longer."""

_HISSING = tuple("szʃʒ")
_VOICELESS = tuple("ptkfθ")
_DOUBLED = re.compile(r"([a-z])\1+")


@lru_cache(maxsize=1024)
def pinned(word: str, *, british: bool) -> str | None:
    """The phonemes of a word in lower case that is always said alike, or of its form with -s."""
    if word in ALWAYS:
        return ALWAYS[word][british]
    for ending in ("'s", "s'", "s"):
        if (stem := word.removesuffix(ending)) != word and stem in ALWAYS:
            return _with_s(ALWAYS[stem][british], british=british)
    return _noise(word)


def _noise(word: str) -> str | None:
    """A noise however long it is written: `hmmm`, `Mm-hmm`, `shhh`."""
    short = _DOUBLED.sub(r"\1", word.replace("m-h", "mh"))
    return _NOISES.get(short) if short not in _ALSO_LETTERS or short != word else None


def _with_s(phonemes: str, *, british: bool) -> str:
    if phonemes.endswith(_HISSING):
        return f"{phonemes}{'ɪz' if british else 'ᵻz'}"
    return f"{phonemes}{'s' if phonemes.endswith(_VOICELESS) else 'z'}"
