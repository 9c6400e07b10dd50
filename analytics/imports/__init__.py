"""Dialogues from elsewhere, read line by line: what was said by whom and when, or what is wrong."""

from analytics.imports.reading import FORMATS, SourceFormat, Unreadable, read
from analytics.imports.utterances import Broken, Utterance

__all__ = ["FORMATS", "Broken", "SourceFormat", "Unreadable", "Utterance", "read"]
