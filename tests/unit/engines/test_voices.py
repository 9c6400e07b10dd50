from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.engines.base import UnknownVoice
from actors.engines.voices import (
    CATALOGUE,
    DEFAULT_ORDER,
    OPENAI_VOICES,
    MalformedVoice,
    default_order,
    describe,
    parse_voice,
)


def test_the_catalogue_has_everybody_once() -> None:
    assert len(CATALOGUE) == len(set(CATALOGUE)) == 54


def test_prefixes_say_where_voices_are_from() -> None:
    languages = Counter(describe(voice_id).language for voice_id in CATALOGUE)
    assert languages == {
        "en-US": 20, "en-GB": 8, "ja": 5, "zh": 8, "es": 3, "fr-FR": 1, "hi": 4, "it": 2,
        "pt-BR": 3,
    }  # fmt: skip


def test_a_voice_is_described_by_its_id() -> None:
    voice = describe("bm_george")
    assert (voice.name, voice.language, voice.gender) == ("George", "en-GB", "male")


def test_names_of_the_other_api_are_distinct_voices_of_ours() -> None:
    assert len(OPENAI_VOICES) == len(set(OPENAI_VOICES.values())) == 13
    assert set(OPENAI_VOICES.values()) <= set(CATALOGUE)


def test_the_default_order_alternates_women_and_men_who_speak_english() -> None:
    voices = [describe(voice_id) for voice_id in DEFAULT_ORDER]
    assert all(one.gender != next_.gender for one, next_ in pairwise(voices))
    assert {voice.language for voice in voices} == {"en-US", "en-GB"}
    assert set(DEFAULT_ORDER) <= set(CATALOGUE)


def test_the_default_order_keeps_to_what_there_is() -> None:
    assert default_order(["xx", "am_michael", "af_heart"]) == ("af_heart", "am_michael", "xx")


def test_an_id_is_a_blend_of_one() -> None:
    assert parse_voice("af_heart", CATALOGUE) == (("af_heart", 1.0),)


@pytest.mark.parametrize(
    ("blend", "weights"),
    [
        ("af_bella(2)+af_sky(1)", {"af_bella": 2 / 3, "af_sky": 1 / 3}),
        ("af_bella + af_sky", {"af_bella": 0.5, "af_sky": 0.5}),
        ("af_bella(0.5)+af_sky(1.5)", {"af_bella": 0.25, "af_sky": 0.75}),
        ("af_sky(1)+af_bella+af_sky(2)", {"af_sky": 0.75, "af_bella": 0.25}),
        ("af_sky(0)+af_bella", {"af_bella": 1.0}),
    ],
)
def test_a_blend_has_normalised_weights(blend: str, weights: dict[str, float]) -> None:
    assert dict(parse_voice(blend, CATALOGUE)) == pytest.approx(weights)


@given(
    st.dictionaries(
        st.sampled_from(CATALOGUE), st.integers(min_value=1, max_value=999), min_size=1, max_size=8
    )
)
def test_weights_sum_to_one_and_keep_their_order(parts: dict[str, int]) -> None:
    blend = "+".join(f"{voice}({weight})" for voice, weight in parts.items())
    parsed = parse_voice(blend, CATALOGUE)
    assert [voice for voice, _ in parsed] == list(parts)
    assert sum(weight for _, weight in parsed) == pytest.approx(1)


@pytest.mark.parametrize(
    "voice",
    ["", "+", "af_sky(", "af_sky()", "af_sky(-1)", "af_sky(nan)", "af_sky(1e9)", "af_sky(1)(2)",
     "af sky", "af_sky++af_bella", "af_sky(9999999)", "af_sky(٣)"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(voice: str) -> None:
    with pytest.raises(MalformedVoice, match=r"af_bella\(2\)\+af_sky\(1\)"):
        parse_voice(voice, CATALOGUE)


def test_a_blend_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="all zero"):
        parse_voice("af_sky(0)+af_bella(0)", CATALOGUE)


def test_a_blend_of_too_many_is_refused() -> None:
    with pytest.raises(MalformedVoice, match="at most 8"):
        parse_voice("+".join(CATALOGUE[:9]), CATALOGUE)


@pytest.mark.parametrize(
    ("wrong", "near"), [("af_hart", "af_heart"), ("bella", "af_bella"), ("Onyx", "am_onyx")]
)
def test_an_unknown_voice_is_told_who_is_near(wrong: str, near: str) -> None:
    with pytest.raises(UnknownVoice, match=near):
        parse_voice(f"af_sky+{wrong}(2)", CATALOGUE)


def test_nobody_near_is_told_whom_to_try_and_not_all_that_was_written() -> None:
    with pytest.raises(UnknownVoice, match="af_heart") as refused:
        parse_voice("7" * 5000, CATALOGUE)
    assert len(str(refused.value)) < 150
