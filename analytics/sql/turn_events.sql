-- One row per event that opens, extends or closes a turn: its particulars as typed columns.
--
-- Order: conversation_id, version
--
-- Source: the events of type turn_heard, turn_begun, turn_extended, turn_completed,
-- turn_interrupted and turn_failed. Times are in UTC. A column that its type of event does not have is null. `copied`
-- marks what a fork brought along from the conversation whose past it shares: such an event was
-- recorded twice and happened once. The events of an erased turn are left out. A topic may be text
-- or an object with an id, a label or both; each stands in for the other.

WITH particulars AS (
    SELECT conversation_id, version, position, type, unnest(from_json(try_cast(data AS JSON), '{
        "turn": "BIGINT", "turn_id": "VARCHAR", "speaker_id": "VARCHAR", "text": "VARCHAR",
        "heard_at": "TIMESTAMPTZ", "started_at": "TIMESTAMPTZ", "ended_at": "TIMESTAMPTZ",
        "direction": {"voice": "VARCHAR", "phrases": [{
            "text": "VARCHAR", "speed": "DOUBLE", "pitch": "DOUBLE", "pitch_range": "DOUBLE",
            "final": "DOUBLE", "loudness": "DOUBLE", "pause_after_s": "DOUBLE"
        }]}, "engine": "VARCHAR", "response_gap_ms": "BIGINT",
        "begun_at": "TIMESTAMPTZ", "audio": "VARCHAR", "duration_s": "DOUBLE",
        "timings": {"begun_ms": "DOUBLE", "first_audio_ms": "DOUBLE", "synthesised_ms": "DOUBLE"},
        "audio_played_ms": "BIGINT", "cause": "VARCHAR", "by": "VARCHAR", "heard_text": "VARCHAR",
        "failed_at": "TIMESTAMPTZ", "unheard_text": "VARCHAR", "act": "VARCHAR", "topic": "JSON",
        "affect": {
            "valence": "DOUBLE", "arousal": "DOUBLE", "category": "VARCHAR", "confidence": "DOUBLE"
        },
        "features": {
            "f0_median_hz": "DOUBLE", "f0_range_st": "DOUBLE", "f0_final_slope": "DOUBLE",
            "loudness_lufs": "DOUBLE", "rate_syll_s": "DOUBLE", "pauses_s": "DOUBLE"
        }
    }'))
    FROM events WHERE type LIKE 'turn\_%' ESCAPE '\'
),
forks AS (
    SELECT conversation_id, max(version) AS forked FROM events WHERE type = 'forked' GROUP BY ALL
)
SELECT
    conversation_id, version, position, type, turn, turn_id, speaker_id, text,
    -- Through microseconds: the other way from a time with a zone to one in UTC asks the session.
    make_timestamp(epoch_us(heard_at)) AS heard_at,
    make_timestamp(epoch_us(started_at)) AS started_at,
    make_timestamp(epoch_us(ended_at)) AS ended_at,
    make_timestamp(epoch_us(begun_at)) AS begun_at,
    make_timestamp(epoch_us(failed_at)) AS failed_at,
    direction.voice AS voice, engine, response_gap_ms, audio, duration_s,
    timings.begun_ms AS begun_ms,
    timings.first_audio_ms AS first_audio_ms,
    timings.synthesised_ms AS synthesised_ms,
    audio_played_ms, cause, "by", heard_text, unheard_text,
    act, affect, features, direction.phrases AS phrases,
    coalesce(topic ->> 'id', topic ->> 'label', topic ->> '$') AS topic_id,
    coalesce(topic ->> 'label', topic ->> 'id', topic ->> '$') AS topic,
    version <= coalesce(forked, 0) AS copied,
    -- The opening that the event belongs to: a turn taken up again begins anew under its name.
    max(version) FILTER (type IN ('turn_heard', 'turn_begun')) OVER (
        PARTITION BY conversation_id, turn_id ORDER BY version
    ) AS opening
FROM particulars LEFT JOIN forks USING (conversation_id)
WHERE turn_id IS NOT NULL
