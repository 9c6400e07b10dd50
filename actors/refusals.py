"""The reasons for which a conversation refuses, each with what would be right.

Every class names, in `param`, the field that is at fault. They travel between processes, so their
arguments are kept as they came.
"""

from typing import ClassVar


class Refused(Exception):
    """Nothing was recorded."""

    code: ClassVar[str] = "refused"
    param: ClassVar[str | None] = None

    def __str__(self) -> str:
        return (type(self).__doc__ or "").strip().splitlines()[0].format(*self.args)


class UnknownConversation(Refused):
    """There is no conversation {0!r}; POST /v1/conversation/start opens one."""

    code = "conversation_not_found"
    param = "conversation_id"


class UnknownTurn(Refused):
    """The conversation has no turn {0!r}."""

    code = "turn_not_found"
    param = "turn_id"


class UnknownVersion(Refused):
    """The conversation is at version {1}; there is no version {0} yet."""

    code = "version_not_found"
    param = "version"


class NotYetStarted(Refused):
    """Conversation {0!r} had not been started at {1}."""

    code = "conversation_not_found"
    param = "at"


class NoRecordedAudio(Refused):
    """Turn {0!r} has no recorded audio: it is {1}."""

    code = "audio_not_found"
    param = "turn_id"


class UnknownSpeaker(Refused):
    """Nobody here is called {0!r}; the participants are {1}."""

    code = "speaker_not_found"
    param = "speaker_id"


class UnspeakableText(Refused):
    """The text holds nothing that can be spoken: it needs at least one letter or digit."""

    code = "unspeakable_text"
    param = "text"


class TextMissing(Refused):
    """The text begins at {1}, where {0} characters of the turn are here: send what is between."""

    code = "text_missing"
    param = "at"


class TextOverdue(Refused):
    """No text came for {1} s; turn {0!r} is recorded as failed; ask for it again."""

    code = "text_overdue"
    param = "text"


class TurnOver(Refused):
    """Turn {0!r} has come to its end, and takes no more text; begin another turn."""

    code = "turn_over"
    param = "turn_id"


class NotAVoice(Refused):
    """{0}"""  # noqa: D415  (the engine's own sentence)

    code = "voice_not_found"
    param = "voice"


class BadAudio(Refused):
    """The audio cannot be listened to: {0}; send a whole file of speech; nothing was recorded."""

    code = "invalid_audio"
    param = "audio"


class AudioTooLong(Refused):
    """The audio lasts longer than {0} seconds, the most for one turn; nothing was recorded."""

    code = "audio_too_long"
    param = "audio"


class ConversationExists(Refused):
    """Conversation {0!r} was started before with other particulars; nothing was changed."""

    code = "conversation_conflict"
    param = "conversation_id"


class ConversationEnded(Refused):
    """Conversation {0!r} has ended; fork it to go on from any of its versions."""

    code = "conversation_ended"
    param = "conversation_id"


class TurnIdConflict(Refused):
    """Turn {0!r} was recorded before with other words or another manner; nothing was changed."""

    code = "turn_id_conflict"
    param = "turn_id"


class TurnNotSpoken(Refused):
    """Turn {0!r} cannot be interrupted: it was not spoken by us, or it failed."""

    code = "turn_not_spoken"
    param = "turn_id"


class TurnTimesReversed(Refused):
    """`ended_at` lies before `started_at`."""

    code = "times_reversed"
    param = "ended_at"


class Busy(Refused):
    """Everything that could serve this is busy; nothing was lost; try again in {0} seconds."""

    code = "busy"

    @property
    def retry_after_s(self) -> float:
        return float(self.args[0])


class SpeechFailed(Refused):
    """The line could not be spoken ({0}); the turn is recorded as failed, ask for it again."""

    code = "speech_failed"
