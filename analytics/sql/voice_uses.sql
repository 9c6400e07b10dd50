-- One row per conversation, voice and engine: what was asked of it there.
--
-- turns: turns spoken with it, however they ended; one taken up again counts once, where it was
--   begun last. audio_s: seconds of sound made and kept for them, played or
--   not, each to the nanosecond.
-- failures: how often speaking failed, also where the turn was taken up again and then succeeded.
--
-- Source: turns and turn_events. What a fork brought along counts once, where it happened.

WITH uses AS (
    SELECT conversation_id, voice, engine, 1 AS turns, audio_s, 0 AS failures
    FROM turns WHERE kind = 'spoken' AND NOT copied
    UNION ALL
    SELECT begun.conversation_id, begun.voice, begun.engine, 0, NULL, 1
    FROM turn_events AS failed JOIN turn_events AS begun
        ON begun.conversation_id = failed.conversation_id
        AND begun.turn_id = failed.turn_id AND begun.version = failed.opening
    WHERE failed.type = 'turn_failed' AND begun.type = 'turn_begun' AND NOT failed.copied
)
SELECT
    conversation_id, voice, engine, sum(turns)::BIGINT AS turns,
    coalesce(sum(audio_s::DECIMAL(28, 9))::DOUBLE, 0) AS audio_s, sum(failures)::BIGINT AS failures
FROM uses GROUP BY ALL
