-- One row per holding of the floor: consecutive speech units of a speaker, until another takes it.
--
-- floor_turn: its number in the conversation, from 1. start_s, end_s, duration_s: seconds, from the
--   earliest start in the conversation to the end of the latest unit; pauses are part of it.
-- units, n_words: those that hold the floor. first_act, last_act: acts of its first and last turn.
-- start_us, end_us: the same in whole microseconds.
--
-- A unit that lies wholly inside one of another speaker, and a backchannel, do not take the floor and
-- belong to no holding. Source: speech_units.

WITH takers AS (
    SELECT *, lag(speaker_id) OVER (PARTITION BY conversation_id ORDER BY unit) AS before
    FROM speech_units WHERE takes_floor
),
numbered AS (
    SELECT
        *, count(*) FILTER (before IS DISTINCT FROM speaker_id) OVER (
            PARTITION BY conversation_id ORDER BY unit
        ) AS floor_turn
    FROM takers
)
SELECT
    conversation_id, floor_turn, speaker_id,
    min(start_us) / 1e6 AS start_s, max(end_us) / 1e6 AS end_s,
    (max(end_us) - min(start_us)) / 1e6 AS duration_s,
    count(*) AS units, sum(n_words)::BIGINT AS n_words,
    arg_min_null(first_act, unit) AS first_act, arg_max_null(last_act, unit) AS last_act,
    min(start_us) AS start_us, max(end_us) AS end_us
FROM numbered GROUP BY conversation_id, floor_turn, speaker_id
