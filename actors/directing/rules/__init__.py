"""The rules. Each looks at a scene and has a cue, or nothing to say."""

from collections.abc import Callable

from actors.directing.cues import Cue
from actors.directing.rules import course, feeling, floor, manners, melody, news, partner
from actors.directing.scene import Scene

Rule = Callable[[Scene], Cue | None]

TONES: tuple[Rule, ...] = (
    course.opening,
    course.middle,
    course.closing,
    manners.greeting,
    manners.thanks,
    manners.apology,
    manners.backchannel,
    feeling.answering,
    feeling.sharing_joy,
    feeling.tuning_in,
    feeling.mood,
    feeling.own,
    feeling.excitement,
    partner.rate,
    partner.loudness,
    floor.resuming,
)
"""What an emotion that is asked for takes the place of."""

FORMS: tuple[Rule, ...] = (
    melody.yes_no_question,
    melody.wh_question,
    melody.alternatives,
    melody.statement,
    melody.continuation,
    melody.interest,
    news.listing,
    news.contrasted,
    news.fresh,
    news.given,
    floor.heard_already,
)
"""What the form of the line asks, whatever is felt."""
