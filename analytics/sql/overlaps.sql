-- One row per overlap: a maximal stretch of time during which two or more speak.
--
-- start_s, end_s, duration_s: seconds, from the earliest start in the conversation.
-- most_speaking: how many at most.
-- over_speaker_id: who was speaking when it began; by_speaker_id: who began to speak then. Where
--   several begin at once, by is the one with the highest unit number, and over, unless somebody was
--   speaking already, the one with the lowest.
--
-- Source: floor and speech_units.

WITH marked AS (
    SELECT
        *, lag(n_speaking) OVER w AS before, lag(speaker_id) OVER w AS alone
    FROM floor WINDOW w AS (PARTITION BY conversation_id ORDER BY start_us)
),
numbered AS (
    SELECT
        *, count(*) FILTER (n_speaking >= 2 AND coalesce(before, 0) < 2) OVER (
            PARTITION BY conversation_id ORDER BY start_us
        ) AS overlap
    FROM marked
),
stretches AS (
    SELECT
        conversation_id, min(start_us) AS start_us, max(end_us) AS end_us,
        max(n_speaking) AS most_speaking, arg_min_null(alone, start_us) AS alone,
        arg_min(n_speaking, start_us) AS at_first
    FROM numbered WHERE n_speaking >= 2 GROUP BY conversation_id, overlap
)
SELECT
    s.conversation_id, s.start_us / 1e6 AS start_s, s.end_us / 1e6 AS end_s,
    (s.end_us - s.start_us) / 1e6 AS duration_s, most_speaking,
    -- Whoever was speaking alone has stopped if as many begin as speak.
    CASE WHEN count(*) < at_first THEN alone ELSE arg_min(u.speaker_id, u.unit) END
        AS over_speaker_id,
    arg_max(u.speaker_id, u.unit) AS by_speaker_id
FROM stretches AS s
JOIN speech_units AS u ON u.conversation_id = s.conversation_id AND u.start_us = s.start_us
GROUP BY s.conversation_id, s.start_us, s.end_us, most_speaking, at_first, alone
