"""The voices by name: who there is, how voices are mixed, and who speaks first."""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

from actors.engines.base import UnknownVoice, Voice

LANGUAGES = {
    "a": "en-US",
    "b": "en-GB",
    "e": "es",
    "f": "fr-FR",
    "h": "hi",
    "i": "it",
    "j": "ja",
    "p": "pt-BR",
    "z": "zh",
}
"""BCP 47, by the first letter of a voice id."""

CATALOGUE = (
    "af_alloy", "af_aoede", "af_bella", "af_heart", "af_jessica", "af_kore", "af_nicole", "af_nova",
    "af_river", "af_sarah", "af_sky", "am_adam", "am_echo", "am_eric", "am_fenrir", "am_liam",
    "am_michael", "am_onyx", "am_puck", "am_santa", "bf_alice", "bf_emma", "bf_isabella", "bf_lily",
    "bm_daniel", "bm_fable", "bm_george", "bm_lewis", "ef_dora", "em_alex", "em_santa", "ff_siwis",
    "hf_alpha", "hf_beta", "hm_omega", "hm_psi", "if_sara", "im_nicola", "jf_alpha",
    "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo", "pf_dora", "pm_alex", "pm_santa",
    "zf_xiaobei", "zf_xiaoni", "zf_xiaoxiao", "zf_xiaoyi", "zm_yunjian", "zm_yunxi", "zm_yunxia",
    "zm_yunyang",
)  # fmt: skip
"""The ids of Kokoro 1.0; every engine that can choose its names answers to them."""

OPENAI_VOICES = {
    "alloy": "af_alloy",
    "ash": "am_fenrir",
    "ballad": "bm_lewis",
    "coral": "af_bella",
    "echo": "am_echo",
    "fable": "bm_fable",
    "onyx": "am_onyx",
    "nova": "af_nova",
    "sage": "af_sarah",
    "shimmer": "af_sky",
    "verse": "am_puck",
    "marin": "af_heart",
    "cedar": "am_michael",
}
"""The names of another API's voices, each with one of ours."""

DEFAULT_ORDER = (
    "af_heart",
    "am_michael",
    "bf_emma",
    "bm_george",
    "af_bella",
    "am_fenrir",
    "bf_isabella",
    "bm_fable",
    "af_sarah",
    "am_puck",
    "af_nicole",
    "am_onyx",
)
"""Neighbours are clearly different: a woman and a man in turn, accents in pairs."""

MOST_MIXED = 8
"""Voices in one blend."""

_PART = re.compile(r"([^()+\s]+)(?:\(([0-9]{1,6}(?:\.[0-9]{1,6})?)\))?")


class MalformedVoice(UnknownVoice, ValueError):
    """A voice is neither an id nor a blend such as `af_bella(2)+af_sky(1)`."""


def describe(voice_id: str) -> Voice:
    """Read a voice's language and gender from its prefix, American and female where unclear."""
    prefix, _, name = voice_id.partition("_")
    gender = "male" if prefix[1:2] == "m" else "female"
    return Voice(voice_id, (name or prefix).title(), LANGUAGES.get(prefix[:1], "en-US"), gender)


def parse_voice(voice: str, known: Collection[str]) -> tuple[tuple[str, float], ...]:
    """Read a voice id or a blend: ids in the order written, with weights that sum to 1.

    A voice written twice has the sum of its weights; a weight left out is 1.

    Raises:
        MalformedVoice: it cannot be read, or its weights are all zero.
        UnknownVoice: one of the ids is not in `known`.
    """
    weights: dict[str, float] = {}
    for part in voice.split("+"):
        voice_id, weight = _part(part)
        _require(voice_id, known)
        weights[voice_id] = weights.get(voice_id, 0.0) + weight
    return _normalised(weights)


def default_order(available: Iterable[str]) -> tuple[str, ...]:
    """The voices in the order to give them to agents; those without a place of honour last."""
    there = tuple(available)
    first = tuple(voice for voice in DEFAULT_ORDER if voice in there)
    return first + tuple(voice for voice in there if voice not in first)


def _part(part: str) -> tuple[str, float]:
    match = _PART.fullmatch(part.strip())
    if match is None:
        raise MalformedVoice(
            f"{_shown(part)} is not a voice; write an id, or a blend such as af_bella(2)+af_sky(1)."
        )
    return match[1], float(match[2] or 1)


def _require(voice_id: str, known: Collection[str]) -> None:
    if voice_id in known:
        return
    near = get_close_matches(voice_id.lower()[:40], known, n=3, cutoff=0.5)
    examples = near or default_order(known)[:3]
    raise UnknownVoice(f"There is no voice {_shown(voice_id)}; try {' or '.join(examples)}.")


def _normalised(weights: dict[str, float]) -> tuple[tuple[str, float], ...]:
    if len(weights) > MOST_MIXED:
        raise MalformedVoice(
            f"A blend has at most {MOST_MIXED} voices; this one has {len(weights)}."
        )
    total = sum(weights.values())
    if total == 0:
        raise MalformedVoice("The weights of the blend are all zero; give one voice at least 1.")
    return tuple((voice_id, weight / total) for voice_id, weight in weights.items() if weight)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
