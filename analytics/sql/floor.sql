-- One row per stretch of time between two moments at which anybody begins or stops speaking: how
-- many speak.
--
-- start_s, end_s, duration_s: seconds, from the earliest start in the conversation.
-- n_speaking: 0 is silence, 2 and more is overlap. speaker_id: who speaks alone; else null.
-- start_us, end_us: the same in whole microseconds.
--
-- Source: speech_units; a sweep over their edges. Before the first and after the last there is none.

WITH speakers AS (
    SELECT
        conversation_id, speaker_id,
        row_number() OVER (PARTITION BY conversation_id ORDER BY speaker_id) AS number
    FROM (SELECT DISTINCT conversation_id, speaker_id FROM speech_units)
),
edges AS (
    SELECT conversation_id, start_us AS at_us, 1 AS more, number
    FROM speech_units JOIN speakers USING (conversation_id, speaker_id)
    UNION ALL
    SELECT conversation_id, end_us, -1, -number
    FROM speech_units JOIN speakers USING (conversation_id, speaker_id)
),
moments AS (
    SELECT conversation_id, at_us, sum(more) AS more, sum(number) AS numbers
    FROM edges GROUP BY conversation_id, at_us
),
stretches AS (
    SELECT
        conversation_id, at_us AS start_us, lead(at_us) OVER w AS end_us,
        (sum(more) OVER w)::BIGINT AS n_speaking, (sum(numbers) OVER w)::BIGINT AS numbers
    FROM moments WINDOW w AS (PARTITION BY conversation_id ORDER BY at_us)
)
SELECT
    s.conversation_id, start_us / 1e6 AS start_s, end_us / 1e6 AS end_s,
    (end_us - start_us) / 1e6 AS duration_s, n_speaking, speaker_id, start_us, end_us
FROM stretches AS s LEFT JOIN speakers AS p
    -- Of one who speaks alone, the sum of the numbers is their own.
    ON p.conversation_id = s.conversation_id AND s.n_speaking = 1 AND p.number = s.numbers
WHERE end_us IS NOT NULL
