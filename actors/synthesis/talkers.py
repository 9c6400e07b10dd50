"""Whose turns are being spoken, and who may begin: the door of the pool.

Pure: times are seconds on whatever clock the caller uses. A turn that was let in is never turned
away afterwards; whoever would make those who talk stutter is turned away at the beginning.
"""

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from actors.synthesis.admission import Capacity, Demand, fits, room_in_s
from actors.synthesis.claims import Claim
from actors.synthesis.shares import Shares

GROWING_S = 5.0
"""Of sound that a turn whose text is still coming is taken to want yet, at the least."""
SILENT_S = 2.0
"""After so long without asking, a turn whose listener has run dry is taken to be over."""
SOONEST_S = 0.5


class TurnedAway(Exception):
    """There is no room; the argument is the number of seconds after which there will be."""

    @property
    def retry_in_s(self) -> float:
        return float(self.args[0])


@dataclass(slots=True)
class _Talker:
    claim: Claim
    dry_at: float
    rest_s: float
    seen_at: float
    asking: int = 0
    """Phrases of it that wait or are being spoken."""
    begun: bool = False
    """Whether it ever asked for one."""

    def demand(self, now: float) -> Demand:
        return Demand(self.dry_at - now, self.rest_s)


Unit = Callable[[Claim], Hashable]


def _key(claim: Claim) -> Hashable:
    return claim.key_id


def _conversation(claim: Claim) -> Hashable:
    return claim.key_id, claim.conversation_id


class Talkers:
    """The turns that were let in.

    Args:
        most: Turns at the most, whatever they cost.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._talkers: dict[tuple[str, str], _Talker] = {}
        self._keys, self._conversations = Shares(), Shares()
        self.admitted = self.refused = 0

    def __len__(self) -> int:
        return len(self._talkers)

    def __contains__(self, turn: tuple[str, str]) -> bool:
        return turn in self._talkers

    def admitted_as(self, claim: Claim) -> Claim:
        """The claim with which its turn was let in; itself if it was not."""
        talker = self._talkers.get(claim.turn)
        return claim if talker is None else talker.claim

    def has_begun(self, claim: Claim) -> bool:
        """Whether a phrase of the turn was asked for before."""
        talker = self._talkers.get(claim.turn)
        return talker is not None and talker.begun

    def admit(
        self, claim: Claim, dry_in_s: float, sound_s: float, capacity: Capacity, now: float
    ) -> None:
        """Let a turn in, if there is room; nothing is changed for one that is in.

        Args:
            claim: For whom.
            dry_in_s: Until its first sound is wanted.
            sound_s: How long the turn will be, as far as it is known.
            capacity: Of the workers that live.
            now: Seconds.

        Raises:
            TurnedAway: it would make others stutter, or has more than its share while others wait.
        """
        self._forget_silent(now)
        if claim.turn in self._talkers:
            return
        newcomer = _Talker(claim, now + dry_in_s, _at_least(claim, sound_s), now)
        room_s = 0.0 if claim.begun else self._room_in_s(newcomer, capacity, now)
        if room_s > 0.0:
            self._turn_away(claim, max(room_s, SOONEST_S), now)
        self.admitted += not claim.begun
        self._keys.admitted(_key(claim))
        self._conversations.admitted(_conversation(claim))
        self._talkers[claim.turn] = newcomer

    def leave(self, claim: Claim) -> None:
        """A turn that was let in does not begin; nothing is changed for one that has begun."""
        if claim.turn in self._talkers and not self.has_begun(claim):
            del self._talkers[claim.turn]

    def asks(self, claim: Claim, dry_in_s: float, rest_s: float, now: float) -> None:
        """A turn asks for its next phrase; `rest_s` is the sound of it and what follows it."""
        talker = self._talkers.get(claim.turn)
        if talker is not None:
            talker.asking, talker.begun = talker.asking + 1, True
            talker.dry_at, talker.rest_s = now + dry_in_s, _at_least(claim, rest_s)

    def spoken(self, claim: Claim, sound_s: float, now: float, *, finished: bool) -> None:
        """A phrase of it was spoken, or is not wanted any more: then the turn is over."""
        talker = self._talkers.get(claim.turn)
        if talker is None:
            return
        talker.asking, talker.seen_at = talker.asking - 1, now
        talker.dry_at = max(now, talker.dry_at + sound_s)
        talker.rest_s = max(0.0, talker.rest_s - sound_s)
        if not finished or not (claim.rest or claim.growing):
            del self._talkers[claim.turn]

    def put_back(self, claim: Claim, now: float) -> None:
        """A phrase of it comes to nothing, but will be asked for again."""
        talker = self._talkers.get(claim.turn)
        if talker is not None:
            talker.asking, talker.seen_at = talker.asking - 1, now

    def load(self, real_time_factor: float, now: float) -> float:
        """Places that those who talk, and those who were turned away of late, would keep busy."""
        self._forget_silent(now)
        return real_time_factor * (len(self._talkers) + self._conversations.wanting(now))

    def _room_in_s(self, newcomer: _Talker, capacity: Capacity, now: float) -> float:
        """Seconds until it may begin: 0 if now."""
        rooms = [self._room_for_its_share(newcomer.claim, capacity, now)]
        others = self._demands(now)
        if len(others) >= self._most or (
            others and not fits([*others, newcomer.demand(now)], capacity)
        ):
            most = min(self._most, capacity.talkers)
            rooms.append(max(SOONEST_S, room_in_s(others, capacity, most)))
        return max(rooms)

    def _room_for_its_share(self, claim: Claim, capacity: Capacity, now: float) -> float:
        most, room_s = capacity.talkers, 0.0
        for shares, unit, among in (
            (self._keys, _key, self._claims()),
            (self._conversations, _conversation, self._of_key(claim.key_id)),
        ):
            own = unit(claim)
            most = shares.share(own, {unit(other) for other in among}, most, now)
            if most < capacity.talkers:
                theirs = [it for it in self._talkers.values() if unit(it.claim) == own]
                demands = [talker.demand(now) for talker in theirs]
                room_s = max(room_s, room_in_s(demands, capacity, most))
        return room_s

    def _turn_away(self, claim: Claim, retry_in_s: float, now: float) -> None:
        retry_in_s = float(math.ceil(retry_in_s))
        self.refused += 1
        self._keys.refused(_key(claim), now + retry_in_s)
        self._conversations.refused(_conversation(claim), now + retry_in_s)
        raise TurnedAway(retry_in_s)

    def _claims(self) -> list[Claim]:
        return [talker.claim for talker in self._talkers.values()]

    def _of_key(self, key_id: str) -> list[Claim]:
        return [claim for claim in self._claims() if claim.key_id == key_id]

    def _demands(self, now: float) -> list[Demand]:
        return [talker.demand(now) for talker in self._talkers.values()]

    def _forget_silent(self, now: float) -> None:
        silent = [
            turn
            for turn, talker in self._talkers.items()
            if not talker.asking and max(talker.dry_at, talker.seen_at) < now - SILENT_S
        ]
        for turn in silent:
            del self._talkers[turn]


def _at_least(claim: Claim, sound_s: float) -> float:
    return max(sound_s, GROWING_S) if claim.growing else sound_s
