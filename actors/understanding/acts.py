"""What a turn does: dialogue acts by rule, in the light of the turn before."""

import re
from collections.abc import Iterator
from typing import Literal

Act = Literal[
    "statement",
    "yes_no_question",
    "wh_question",
    "alternative_question",
    "yes_answer",
    "no_answer",
    "agreement",
    "backchannel",
    "thanks",
    "apology",
    "greeting",
    "closing",
    "directive",
    "commissive",
]

_FILLER = (
    r"(?:(?:and|but|so|or|well|oh|ah|um+|uh+|eh|hey|okay|ok|now|then|yeah|right|i mean|you know|"
    r"excuse me|sorry|please|tell me|because|like|just)\b[\s,.!-]*)*"
)
_STUTTER = re.compile(r"\b([\w']+)-(?: -)?(?=\s|$)|(?<= )-(?= )")


def _opening(words: str) -> re.Pattern[str]:
    return re.compile(rf"\W*{_FILLER}(?:{words})(?![\w'])", re.IGNORECASE)


_WH = _opening(
    r"(?:(?:in|on|at|to|from|for|by|with|about|of) )?"
    r"(?:what|who|whom|whose|where|when|why|which|how)(?:'s|'re|'d|'ll)?"
)
_WH_INSIDE = re.compile(
    r"\b(?:what|who|whose|where|when|why|which|how)(?:'s|'re|'d|'ll| is| are| was| were| do| does|"
    r" did| can| could| would| will| should| have| has| many| much| long| about| come| far| old|"
    r" kind| sort| time)(?![\w'])|\b(?:what|who|where|when|why|how)\W*$",
    re.IGNORECASE,
)
_AUXILIARY = (
    r"do|does|did|is|are|was|were|am|can|could|will|would|shall|should|may|might|have|has|had|"
    r"don't|doesn't|didn't|isn't|aren't|wasn't|weren't|can't|couldn't|won't|wouldn't|shouldn't|"
    r"haven't|hasn't|hadn't|ain't"
)
_PERSON = r"you|i|we|they|he|she|it|there|this|that|these|those|the|your|my|our|his|her|any\w*"
_INVERTED = _opening(rf"(?:{_AUXILIARY}) (?:{_PERSON})")
_INVERTED_INSIDE = re.compile(rf"\b(?:{_AUXILIARY}) (?:{_PERSON})(?![\w'])", re.IGNORECASE)
_WH_INVERTED = _opening(
    rf"(?:what|who|whom|where|when|why|which|how)(?: \w+)?(?:'s|'re| (?:{_AUXILIARY}))"
    rf" (?:{_PERSON}|going|wrong|happening|up)"
)
_ALTERNATIVE = re.compile(
    r"\w+ or (?!(?:not|so|something|anything|what|whatever|else|more|less)\b)\w+", re.IGNORECASE
)
_TAG = re.compile(
    rf"(?:(?:{_AUXILIARY}) (?:you|i|we|they|he|she|it|there|that)|right|okay|ok|huh|eh|yeah|"
    rf"correct|you know)\W*$",
    re.IGNORECASE,
)

_THANKS = _opening(r"thanks|thank you|thank god you|many thanks|i (?:really )?appreciate|cheers")
_APOLOGY = _opening(
    r"(?:i'm |i am |we're |so |very |terribly |really )*sorry|i apologi[sz]e|my apologies|"
    r"apologies|forgive me|pardon me|my (?:bad|fault|mistake)"
)
_GREETING = _opening(
    r"hi+|hello|hey there|hiya|good (?:morning|afternoon|evening)|welcome|how do you do|"
    r"nice to (?:meet|see) you|pleased to meet you"
)
_CLOSING = _opening(
    r"(?:good ?)?bye(?:[ -]?bye)?|farewell|see (?:you|ya)|good ?night|take care(?! of)|"
    r"so long(?! as)|have a (?:good|nice|great|lovely)|talk to you (?:later|soon)|"
    r"until (?:next|then)|later(?=\W*$)"
)
_COMMISSIVE = _opening(
    r"i(?:'ll| will| promise|'d be (?:glad|happy) to|'m going to| would be (?:glad|happy) to)|"
    r"we(?:'ll| will)|let me|leave it to me|sure,? i(?:'ll| will)"
)
_DIRECTIVE = _opening(
    r"let's|let us|(?:please|kindly|do|don't|never|always|just) \w+|you (?:should|must|need to|"
    r"have to|had better|'d better|ought to)|i(?:'d| would) like you to|i (?:want|need) you to|"
    r"why don't (?:you|we)|how about \w+ing|shall we|"
    r"(?:can|could|would|will) you (?:please|mind|tell|give|show|help|bring|pass|do|come|get|take|"
    r"open|close|turn|put|wait|hold|call|send|let|say|repeat|explain|recommend|speak|go)|"
    r"(?:go|come|wait|stop|look|listen|give|take|tell|show|bring|put|get|keep|turn|try|call|let|"
    r"send|sit|stand|stay|hold|hurry|calm|remember|forget|imagine|open|close|ask|check|read|write|"
    r"follow|leave|watch|be|say|help|pass|press|click|move|walk|run|start|begin|make sure|relax|"
    r"enjoy|consider|suppose)"
)
_YES = re.compile(
    r"\W*(?:oh,? |well,? |um,? |uh,? )?(?:yes|yeah|yep|yup|yah|sure|of course|certainly|absolutely|"
    r"definitely|exactly|i do|i am|i did|it is|we do|they do|that's right|right)(?![\w'])",
    re.IGNORECASE,
)
_NO = re.compile(
    r"\W*(?:oh,? |well,? |um,? |uh,? )?(?:no|nope|nah|not (?:really|at all|yet|now)|never|"
    r"i don't|i'm not|i'm afraid not|i didn't|it isn't|it's not)(?![\w'])",
    re.IGNORECASE,
)
_AGREEMENT = re.compile(
    r"\W*(?:i agree|that's (?:right|true|fine)|good (?:idea|point)|fair enough|all right|alright|"
    r"okay|ok|sure|fine|deal|sounds good|no problem|absolutely|exactly|of course|definitely)"
    r"(?![\w'])",
    re.IGNORECASE,
)
_BACKCHANNEL = re.compile(
    r"\W*(?:(?:uh[- ]?huh|mm+[- ]?hm+|mm+|hm+|mhm+|huh|yeah|yep|yup|yes|right|okay|ok|oh|ah|aha|"
    r"i see|really|sure|wow|got it|all right|alright|uh|um|of course|exactly|cool|good|great|"
    r"true|no way|is that so)\W*){1,3}",
    re.IGNORECASE,
)
_SHORT = 4
"""Words of which the whole is a formula: thanks, a greeting, an answer."""


def called(act: str) -> str:
    """An act as people call it: `yes/no question`."""
    return act.replace("yes_no", "yes/no").replace("wh_", "wh-").replace("_", " ")


def act_of(text: str, *, before: str | None = None, opening: bool = False) -> Act:
    """The act of an excerpt of a turn: of its last sentence, where that one asks or is short.

    Args:
        text: As from `excerpt`.
        before: The act of the partner's last turn.
        opening: Whether the conversation has only begun.
    """
    sentences = list(_sentences(_STUTTER.sub(" ", text)))
    if not sentences:
        return "statement"
    if not opening and _CLOSING.match(sentences[-1]):
        return "closing"
    answer = _answer(text, before)
    if answer is not None and len(sentences) == 1:
        return answer
    asked = _question(sentences)
    if asked is not None:
        return asked
    return _formula(sentences, opening=opening) or answer or _plain(sentences[-1])


def _sentences(text: str) -> Iterator[str]:
    for sentence in re.split(r"(?<=[.!?…])[\"')\]]*\s+", text):
        if any(map(str.isalnum, sentence)) or "?" in sentence:
            yield sentence.strip()


def _question(sentences: list[str]) -> Act | None:
    marked = [sentence for sentence in sentences if "?" in sentence]
    if marked:
        directive = _directive_question(marked[-1])
        return directive or _question_kind(marked[-1])
    last = sentences[-1]
    if last.endswith((".", "!", "…")):
        return None
    if _WH_INVERTED.match(last):
        return "wh_question"
    return "yes_no_question" if _INVERTED.match(last) else None


def _directive_question(sentence: str) -> Act | None:
    asks = re.match(
        rf"\W*{_FILLER}(?:(?:can|could|would|will) you (?:please|kindly)\b|would you mind\b|"
        rf"why don't (?:you|we)\b|how about \w+ing\b|shall we\b|let's\b)",
        sentence,
        re.IGNORECASE,
    )
    return "directive" if asks else None


def _question_kind(sentence: str) -> Act:
    """Which question it is, if it is one."""
    clause = sentence[: sentence.rfind("?")] if "?" in sentence else sentence
    if _WH.match(clause):
        return "wh_question"
    if _TAG.search(clause) and len(clause.split()) > 1:
        return "yes_no_question"
    if _INVERTED.match(clause):
        return "alternative_question" if _ALTERNATIVE.search(clause) else "yes_no_question"
    if _WH_INSIDE.search(clause) and not _INVERTED_INSIDE.match(clause):
        return "wh_question"
    return "yes_no_question"


def _answer(text: str, before: str | None) -> Act | None:
    if "?" in text:
        return None
    if before in ("yes_no_question", "alternative_question"):
        if _NO.match(text):
            return "no_answer"
        if _YES.match(text):
            return "yes_answer"
    if before in ("directive", "commissive") and _AGREEMENT.match(text):
        return "agreement"
    if _BACKCHANNEL.fullmatch(text):
        return "backchannel"
    return "agreement" if _AGREEMENT.match(text) and len(text.split()) <= _SHORT else None


def _formula(sentences: list[str], *, opening: bool) -> Act | None:
    first, last = sentences[0], sentences[-1]
    if _THANKS.match(last) or _THANKS.match(first):
        return "thanks"
    if _APOLOGY.match(first):
        return "apology"
    short = len(first.split()) <= _SHORT
    return "greeting" if _GREETING.match(first) and (opening or short) else None


def _plain(sentence: str) -> Act:
    if _DIRECTIVE.match(sentence):
        return "directive"
    return "commissive" if _COMMISSIVE.match(sentence) else "statement"
