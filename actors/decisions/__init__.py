"""What a command makes of a conversation: new facts, or a named refusal.

Pure. No facts at all means that there was nothing left to do, so that any command can be repeated.
"""

from actors.decisions.conversation import end, fork, join, leave, pronounce, start
from actors.decisions.endings import heard_and_unheard, interrupt, lost
from actors.decisions.guards import fingerprint
from actors.decisions.turns import listen, may_speak, speak

__all__ = [
    "end",
    "fingerprint",
    "fork",
    "heard_and_unheard",
    "interrupt",
    "join",
    "leave",
    "listen",
    "lost",
    "may_speak",
    "pronounce",
    "speak",
    "start",
]
