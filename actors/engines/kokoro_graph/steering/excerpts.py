"""A phrase too long for one run of the model is spoken in excerpts."""

from events.direction import Phrase


def excerpt(phrase: Phrase, begin: int, end: int, *, last: bool) -> Phrase:
    """What a phrase asks of its words from `begin` to before `end`, which are counted anew from 0.

    The final movement is of the last excerpt alone.
    """
    words = tuple(
        word.model_copy(update={"index": word.index - begin})
        for word in phrase.words
        if begin <= word.index < end
    )
    return phrase.model_copy(update={"words": words, "final": phrase.final if last else None})
