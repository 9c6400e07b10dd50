-- One row per conversation: what it came to, told by its own events alone.
--
-- day: in UTC, of its first event; its history lies in the archive under it. metadata: as given, JSON.
-- started_at, last_at: when its first and its last event were recorded, in UTC. ended: it was ended.
-- last_position: of its last event in the log. participants: who ever joined.
-- turns, heard, spoken, interrupted, failed: how many, as the record has them.
-- duration_s: from the earliest start of a turn to the latest end; null without turns.
-- left: the last thing that happened to a turn is that a listener left.
-- made: turns that were spoken here, and not copied by a fork; characters, audio_s, synthesis_s: of
--   their text, of their sound in seconds, and of the time that it took to make; for the cost.
--
-- Source: events and turns.

WITH told AS (
    SELECT
        conversation_id, min(recorded_at) AS started_at, max(recorded_at) AS last_at,
        max(position) AS last_position, bool_or(type = 'ended') AS ended,
        arg_min(try_cast(data AS JSON) -> 'metadata', version) FILTER (type = 'started') AS metadata,
        count(DISTINCT try_cast(data AS JSON) ->> 'participant_id')
            FILTER (type = 'participant_joined') AS participants,
        coalesce(arg_max(try_cast(data AS JSON) ->> 'cause', version)
            FILTER (type IN ('turn_heard', 'turn_begun', 'turn_interrupted')) = 'listener_left', false)
            AS "left"
    FROM events GROUP BY conversation_id
),
said AS (
    SELECT
        conversation_id, count(*) AS turns, count(*) FILTER (kind = 'heard') AS heard,
        count(*) FILTER (kind = 'spoken') AS spoken,
        count(*) FILTER (status = 'interrupted') AS interrupted,
        count(*) FILTER (status = 'failed') AS failed, max(end_s) AS duration_s,
        count(*) FILTER (kind = 'spoken' AND NOT copied) AS made,
        (sum(len(text)) FILTER (kind = 'spoken' AND NOT copied))::BIGINT AS characters,
        (sum(audio_s::DECIMAL(28, 9)) FILTER (kind = 'spoken' AND NOT copied))::DOUBLE AS audio_s,
        (sum(synthesised_ms::DECIMAL(28, 9)) FILTER (kind = 'spoken' AND NOT copied))::DOUBLE / 1000
            AS synthesis_s
    FROM turns GROUP BY conversation_id
)
SELECT
    conversation_id, started_at::DATE AS day, started_at, last_at, ended, last_position, metadata,
    participants, coalesce(turns, 0) AS turns, coalesce(heard, 0) AS heard,
    coalesce(spoken, 0) AS spoken, coalesce(interrupted, 0) AS interrupted,
    coalesce(failed, 0) AS failed, duration_s, "left", coalesce(made, 0) AS made,
    coalesce(characters, 0) AS characters, coalesce(audio_s, 0) AS audio_s,
    coalesce(synthesis_s, 0) AS synthesis_s
FROM told LEFT JOIN said USING (conversation_id)
