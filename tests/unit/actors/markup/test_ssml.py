"""The everyday part of SSML."""

import pytest

from actors.markup import Marked, MarkupError, ssml
from actors.markup.marks import Paused, Restyled, Said, Style

CARDINAL = "one thousand nine hundred and eighty-four"


def resolve(name: str) -> str:
    if name != "am_adam":
        raise ValueError("nobody is called so")
    return name


def read(inside: str) -> Marked:
    return ssml(f"<speak>{inside}</speak>", resolve)


def style(inside: str) -> Style:
    """Of the first word."""
    first = read(inside).marks[0]
    assert isinstance(first, Restyled)
    return first.style


def said(inside: str) -> str:
    (mark,) = read(inside).marks
    assert isinstance(mark, Said)
    return mark.said


def test_white_space_is_one_space_and_sentences_are_lines() -> None:
    text, _ = read("\n  <p><s>One\n two.</s> <s>Three.</s></p>\n\n <p>Four.</p>\n")
    assert text == "One two.\nThree.\nFour."


def test_a_break_is_a_pause() -> None:
    assert read('One <break time="250ms"/> two.') == ("One two.", (Paused(4, 0.25),))
    assert read('One <break strength="none"/> two.').marks == (Paused(4, 0.0),)
    assert read("One<break/> two.").marks == (Paused(3, 0.4),)


@pytest.mark.parametrize(
    ("prosody", "expected"),
    [
        ('rate="150%"', Style(rate=1.5)),
        ('rate="+50%"', Style(rate=1.5)),
        ('rate="1.5"', Style(rate=1.5)),
        ('rate="slow"', Style(rate=0.75)),
        ('pitch="+2st"', Style(pitch=2)),
        ('pitch="+100%"', Style(pitch=12)),
        ('pitch="low"', Style(pitch=-3)),
        ('range="-50%"', Style(range=0.5)),
        ('volume="-6dB"', Style(loudness=-6)),
        ('volume="loud"', Style(loudness=6)),
    ],
)
def test_prosody_is_a_style(prosody: str, expected: Style) -> None:
    assert style(f"<prosody {prosody}>Oh</prosody>") == expected


def test_styles_within_one_another_add_up_and_end() -> None:
    inside = (
        '<prosody pitch="+2st" rate="50%">a <prosody pitch="+1st" rate="80%">b</prosody> c'
        '</prosody> <voice name="am_adam">d</voice> <emphasis level="strong">e</emphasis>'
    )
    styles = [mark.style for mark in read(inside).marks if isinstance(mark, Restyled)]
    outer = Style(pitch=2, rate=0.5)
    assert styles == [
        outer, Style(pitch=3, rate=0.8), outer, Style(), Style(voice="am_adam"), Style(),
        Style(emphasis=1.0), Style(),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ('<sub alias="World Wide Web">WWW</sub>', "World Wide Web"),
        ('<sub alias="[a](/b/)">c</sub>', "[a] (/b/)"),
        ('<phoneme alphabet="ipa" ph="nwˈɪn">Nguyen</phoneme>', "[Nguyen](/nwˈɪn/)"),
        ('<say-as interpret-as="characters">W3C</say-as>', "W. 3 C."),
        ('<say-as interpret-as="spell-out">usb</say-as>', "U.S.B."),
        ('<say-as interpret-as="digits">12-3</say-as>', "1 2 3"),
        ('<say-as interpret-as="telephone">555-12</say-as>', "5 5 5, 1 2"),
        ('<say-as interpret-as="cardinal">1,984</say-as>', CARDINAL),
        ('<say-as interpret-as="ordinal">21</say-as>', "twenty-first"),
        ('<say-as interpret-as="date" format="dmy">4/3/2026</say-as>', "March fourth, 2026"),
        ('<say-as interpret-as="date" format="ym">2026-03</say-as>', "March, 2026"),
        ('<say-as interpret-as="time">2:30pm</say-as>', "2:30pm"),
    ],
)  # fmt: skip
def test_something_else_is_said_in_its_place(inside: str, expected: str) -> None:
    assert said(inside) == expected


@pytest.mark.parametrize(
    ("document", "where", "right"),
    [
        ("Hello.", "line 1, column 1", "<speak>"),
        ("<p>Hello.</p>", "line 1, column 1", "<speak>"),
        ("<speak>a & b</speak>", "line 1, column 11", "&amp;"),
        ("<speak>\n<s>a</speak>", "line 2, column 7", "close"),
        ("<speak>\n <audio src='x'/></speak>", "line 2, column 2", "<break>"),
        ("<speak><speak>a</speak></speak>", "line 1, column 8", "<break>"),
        ("<speak><break time='soon'/></speak>", "line 1, column 8", "500ms"),
        ("<speak><break>a</break></speak>", "line 1", "<break"),
        ("<speak><break strength='odd'/></speak>", "line 1, column 8", "x-weak"),
        ("<speak><break time='9s'/>" + "<break time='9s'/>" * 14 + "</speak>", "line 1", "120 s"),
        ("<speak><prosody rate='9'>a</prosody></speak>", "line 1, column 8", "25% to 400%"),
        ("<speak><prosody pitch='120Hz'>a</prosody></speak>", "line 1, column 8", "+2st"),
        ("<speak><prosody contour='x'>a</prosody></speak>", "line 1, column 8", "rate, pitch"),
        ("<speak><p xml:lang='de'>a</p></speak>", "line 1, column 8", "no attributes"),
        ("<speak><voice gender='male'>a</voice></speak>", "line 1, column 8", "name"),
        ("<speak><voice>a</voice></speak>", "line 1, column 8", "name"),
        ("<speak><voice name='eve'>a</voice></speak>", "line 1, column 8", "nobody is called so"),
        ("<speak><sub>a</sub></speak>", "line 1, column 14", "alias"),
        ("<speak><sub alias='b'/></speak>", "line 1", "a word"),
        ("<speak><sub alias='b'>a<break/></sub></speak>", "line 1, column 24", "<sub>"),
        ("<speak><phoneme ph='№'>a</phoneme></speak>", "line 1", "IPA"),
        ("<speak><phoneme alphabet='x' ph='a'>a</phoneme></speak>", "line 1", "ipa"),
        ("<speak><say-as interpret-as='song'>a</say-as></speak>", "line 1", "characters"),
        ("<speak><say-as interpret-as='cardinal'>a</say-as></speak>", "line 1", "whole number"),
        ("<speak><say-as interpret-as='date'>1</say-as></speak>", "line 1", "format"),
        ("<speak><say-as interpret-as='date'>13/1/2026</say-as></speak>", "line 1", "month"),
        (f"<speak>{'<s>' * 40}a{'</s>' * 40}</speak>", "line 1", "32 deep"),
        ("<speak>&nbsp;</speak>", "line 1, column 8", "XML"),
    ],
)
def test_what_is_wrong_is_named_by_its_place_and_what_would_be_right(
    document: str, where: str, right: str
) -> None:
    with pytest.raises(MarkupError) as wrong:
        ssml(document, resolve)
    assert wrong.value.where.startswith(where)
    assert right in wrong.value.what


BILLION = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "declared",
    [
        f'<!DOCTYPE s [<!ENTITY l0 "lol">{BILLION}]><speak>&l9;</speak>',
        '<!DOCTYPE s [<!ENTITY f SYSTEM "file:///etc/passwd">]><speak>&f;</speak>',
        '<!DOCTYPE s SYSTEM "http://example.com/s.dtd"><speak>a</speak>',
        '<!DOCTYPE s [<!ENTITY % p "x">%p;]><speak>a</speak>',
    ],
)
def test_nothing_that_declares_anything_is_read(declared: str) -> None:
    with pytest.raises(MarkupError, match="declared"):
        ssml(declared, resolve)


def test_what_xml_itself_escapes_is_text() -> None:
    assert read("a &amp; b &lt; c &#x41;<!-- no --><![CDATA[ <d>]]>").text == "a & b < c A <d>"
