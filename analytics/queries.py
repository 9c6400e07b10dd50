"""The views as functions. Each returns an ordered relation, computed when it is read.

What the rows mean is said in `sql/`, in the file of the same name. With a conversation id, the
answer is that of a log in which no other conversation took place. A relation goes on to
`.fetchall()`, `.to_arrow_table()`, `.pl()` (Polars) or `.df()` (pandas), where these are installed.
"""

from analytics.warehouse import Relation, Warehouse


def turn_events(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Every event that opens or closes a turn."""
    return warehouse.relation("turn_events", conversation_id)


def turns(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Every turn, as the record has it now."""
    return warehouse.relation("turns", conversation_id)


def speech_units(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Stretches of a speaker's speech without a silence above 200 ms."""
    return warehouse.relation("speech_units", conversation_id)


def floor(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """How many speak, stretch by stretch of time."""
    return warehouse.relation("floor", conversation_id)


def floor_turns(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Who held the floor, and how long."""
    return warehouse.relation("floor_turns", conversation_id)


def floor_transfers(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """How long each change of the floor took."""
    return warehouse.relation("floor_transfers", conversation_id)


def talk_share(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """How much of each conversation's talk was whose."""
    return warehouse.relation("talk_share", conversation_id)


def silences(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """When nobody spoke, and who broke the silence."""
    return warehouse.relation("silences", conversation_id)


def overlaps(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """When several spoke at once."""
    return warehouse.relation("overlaps", conversation_id)


def interruptions(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Who took the floor while another was speaking, or cut a turn short."""
    return warehouse.relation("interruptions", conversation_id)


def backchannels(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Who said that they were listening, and to whom."""
    return warehouse.relation("backchannels", conversation_id)


def turn_taking(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """How the floor passed in each conversation, in figures."""
    return warehouse.relation("turn_taking", conversation_id)


def latency(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Where the time of each spoken turn went."""
    return warehouse.relation("latency", conversation_id)


def response_latency(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """How long somebody waited for our answer, in parts."""
    return warehouse.relation("response_latency", conversation_id)


def recoveries(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Lows in a speaker's mood, and when they were over."""
    return warehouse.relation("recoveries", conversation_id)


def affect_summary(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """How each speaker felt: level, instability, inertia, recovery."""
    return warehouse.relation("affect_summary", conversation_id)


def emotion_transitions(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Which emotion follows which, against chance."""
    return warehouse.relation("emotion_transitions", conversation_id)


def act_transitions(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Which dialogue act follows which, against chance."""
    return warehouse.relation("act_transitions", conversation_id)


def letters(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """A letter for each turn: its act, mood, emotion and speaker."""
    return warehouse.relation("letters", conversation_id)


def adjacency(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Every question, and its answer if it had one."""
    return warehouse.relation("adjacency", conversation_id)


def function_words(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Which classes of function words each turn holds."""
    return warehouse.relation("function_words", conversation_id)


def coordination(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Whether one speaker takes up the function words of another."""
    return warehouse.relation("coordination", conversation_id)


def topics(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Stretches about one thing."""
    return warehouse.relation("topics", conversation_id)


def topic_shifts(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Changes of topic."""
    return warehouse.relation("topic_shifts", conversation_id)


def style_consistency(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """What was asked of the voice, and what came out."""
    return warehouse.relation("style_consistency", conversation_id)


def heard_words(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """Which words reached the listener."""
    return warehouse.relation("heard_words", conversation_id)


def sessions(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """What each conversation came to, by its own events."""
    return warehouse.relation("sessions", conversation_id)


def daily(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """What each day's conversations came to."""
    return warehouse.relation("daily", conversation_id)


def latency_daily(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """How long listeners waited, by day and engine."""
    return warehouse.relation("latency_daily", conversation_id)


def waits(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """How long listeners waited, turn by turn."""
    return warehouse.relation("waits", conversation_id)


def owners(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """By which key each conversation was opened or forked."""
    return warehouse.relation("owners", conversation_id)


def voice_uses(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """What was asked of each voice and engine, by conversation."""
    return warehouse.relation("voice_uses", conversation_id)


def voices_used(warehouse: Warehouse, conversation_id: str | None = None) -> Relation:
    """What was asked of each voice and engine."""
    return warehouse.relation("voices_used", conversation_id)


def balance(
    warehouse: Warehouse,
    conversation_id: str | None = None,
    *,
    window_s: float = 150,
    step_s: float = 30,
) -> Relation:
    """How evenly the talk is shared as it goes on."""
    return warehouse.relation("balance", conversation_id, window_s=window_s, step_s=step_s)


def emotion_trajectory(
    warehouse: Warehouse,
    conversation_id: str | None = None,
    *,
    half_life_s: float = 5,
) -> Relation:
    """How each speaker's mood moves: valence and arousal, decayed by time."""
    return warehouse.relation("emotion_trajectory", conversation_id, half_life_s=half_life_s)


def act_ngrams(
    warehouse: Warehouse,
    conversation_id: str | None = None,
    *,
    n: int = 3,
) -> Relation:
    """Sequences of n dialogue acts, by how many conversations hold them."""
    return warehouse.relation("act_ngrams", conversation_id, n=n)


def transitions(
    warehouse: Warehouse,
    conversation_id: str | None = None,
    *,
    reading: str = "act",
) -> Relation:
    """Which act, or emotion, follows which, against chance."""
    return warehouse.relation("transitions", conversation_id, reading=reading)


def patterns(
    warehouse: Warehouse,
    conversation_id: str | None = None,
    *,
    pattern: str = "Q.*?A",
    alphabet: str = "act",
) -> Relation:
    """Matches of a regular expression over one letter a turn."""
    return warehouse.relation("patterns", conversation_id, pattern=pattern, alphabet=alphabet)


def entrainment(
    warehouse: Warehouse,
    conversation_id: str | None = None,
    *,
    feature: str = "words_per_s",
) -> Relation:
    """Whether the speakers of a conversation come to sound alike."""
    return warehouse.relation("entrainment", conversation_id, feature=feature)


def conversations(
    warehouse: Warehouse,
    conversation_id: str | None = None,
    *,
    per_1000_characters: float = 0,
    per_synthesis_hour: float = 0,
    quiet_s: float = 1800,
) -> Relation:
    """How long each conversation was, what it cost, and how it ended."""
    return warehouse.relation(
        "conversations",
        conversation_id,
        per_1000_characters=per_1000_characters,
        per_synthesis_hour=per_synthesis_hour,
        quiet_s=quiet_s,
    )
