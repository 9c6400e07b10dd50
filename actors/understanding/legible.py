"""What of a text the readers take, and whether they can read it at all."""

import re

MOST = 1_200
"""Characters: of a longer text its beginning and its end are read, so that time is bounded."""

_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_CODE = re.compile(r"[{};<>=\\|_]|\(\)|//|&&")
_WORD = re.compile(r"[^\W\d_]+")

# Words that are frequent in one language and not English words.
_FOREIGN = {
    "German": "der das und ist nicht ich sie wir auf mit ein eine für auch es aber wie danke bitte "
    "ja nein mir dich haben wird kann sehr",
    "French": "le les des est et pas je vous nous une pour dans avec sur mais bonjour merci oui "
    "très c'est être c'était tu qui ça bien",
    "Spanish": "el los las es y que una por para con muy pero hola gracias usted está qué sí "
    "cómo estoy eso bueno",
    "Italian": "il gli che non è sono una per con molto ma ciao grazie come questo perché lei sì",
    "Portuguese": "os as é não uma para com muito mas olá obrigado você está isso eu ele",
    "Dutch": "het een en niet ik je wij voor met maar hallo dank ook dat zijn heb wel goed",
    "Polish": "nie to jest się na że jak ale tak czy dziękuję proszę",
}
_ENGLISH_WORDS = """
the a an and or but of to in on at for with is are was were be been am do does did have has had
i you he she it we they me him her us them my your his its our their this that these those what
who where when why how not no yes yeah can could will would should may might must so if as just
there here thanks thank please okay ok hello hi oh well all get got go know like
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_LANGUAGES = {
    word: name for name, words in _FOREIGN.items() for word in words.split() if word not in _ENGLISH
}


def excerpt(text: str) -> str:
    """The text without the white space around it; of a long one, the beginning and the end."""
    text = text.strip()
    if len(text) <= MOST:
        return text.replace("’", "'")
    half = MOST // 2
    return f"{text[:half]} {text[-half:]}".replace("’", "'")


def illegible(text: str) -> str | None:
    """Why the readers cannot read a text, as from `excerpt`; None if they can."""
    if not text:
        return "there are no words in it"
    if not text.isascii() and _is_in_another_script(text):
        return "it is in a script that the readers do not know"
    if len(_CODE.findall(text)) > max(2, len(text) // 20):
        return "it is code more than words"
    return _foreign(text)


def _is_in_another_script(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return len(letters) > 1 and 2 * sum(map(bool, map(_LATIN.match, letters))) < len(letters)


def _foreign(text: str) -> str | None:
    words = [word.lower() for word in _WORD.findall(text)]
    signs = [_LANGUAGES[word] for word in words if word in _LANGUAGES]
    if not signs or (len(signs) == 1 and len(words) > 3):
        return None
    if len(signs) <= sum(word in _ENGLISH for word in words):
        return None
    likely = max(sorted(set(signs)), key=signs.count)
    return f"it is in another language than English, {likely} perhaps"
