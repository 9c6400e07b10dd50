"""The views as functions. Each returns an ordered relation, computed when it is read.

What the rows mean is said in `sql/`, in the file of the same name. With a conversation id, the
answer is that of a log in which no other conversation took place.
"""

from analytics.warehouse import Relation, Warehouse


def turn_events(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Every event that opens or closes a turn."""
    return warehouse.relation("turn_events", conversation_id)


def turns(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Every turn, as the record has it now."""
    return warehouse.relation("turns", conversation_id)


def talk_share(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """How much of each conversation's talk was whose."""
    return warehouse.relation("talk_share", conversation_id)


def latency(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Where the time of each spoken turn went."""
    return warehouse.relation("latency", conversation_id)


def voices_used(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """What was asked of each voice and engine."""
    return warehouse.relation("voices_used", conversation_id)
