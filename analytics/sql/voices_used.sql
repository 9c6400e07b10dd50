-- One row per voice and engine: what was asked of it.
--
-- turns: turns spoken with it, however they ended; one taken up again counts once, where it was
--   begun last. audio_s: seconds of sound made and kept for them, played or not.
-- conversations: in how many of them it was asked to speak.
-- failures: how often speaking failed, also where the turn was taken up again and then succeeded.
--
-- Source: turns and turn_events. What a fork brought along counts once, where it happened.

WITH uses AS (
    SELECT voice, engine, conversation_id, 1 AS turns, audio_s, 0 AS failures
    FROM turns WHERE kind = 'spoken' AND NOT copied
    UNION ALL
    SELECT begun.voice, begun.engine, begun.conversation_id, 0, NULL, 1
    FROM turn_events AS failed JOIN turn_events AS begun
        ON begun.conversation_id = failed.conversation_id
        AND begun.turn_id = failed.turn_id AND begun.version = failed.opening
    WHERE failed.type = 'turn_failed' AND begun.type = 'turn_begun' AND NOT failed.copied
)
SELECT
    voice, engine, sum(turns)::BIGINT AS turns, coalesce(sum(audio_s), 0) AS audio_s,
    count(DISTINCT conversation_id) AS conversations, sum(failures)::BIGINT AS failures
FROM uses GROUP BY ALL
