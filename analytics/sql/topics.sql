-- One row per stretch of a conversation that is about one thing.
--
-- segment: its number in the conversation, from 1. topic_id, topic: what the turns carry; those that
-- carry none belong to no stretch and do not end one. first_turn, last_turn, turns, n_words.
-- start_s, end_s: from the earliest start of its turns to their latest end, in seconds from the
--   earliest start in the conversation.
-- returns: an earlier stretch was about it.
--
-- Source: turns, by their number.

WITH told AS (
    SELECT
        conversation_id, turn, topic_id, topic, start_s, end_s, n_words,
        lag(topic_id) OVER (PARTITION BY conversation_id ORDER BY turn) AS before
    FROM turns WHERE topic_id IS NOT NULL
),
numbered AS (
    SELECT
        *, count(*) FILTER (before IS DISTINCT FROM topic_id) OVER (
            PARTITION BY conversation_id ORDER BY turn
        ) AS segment
    FROM told
),
segments AS (
    SELECT
        conversation_id, segment, topic_id, arg_min(topic, turn) AS topic,
        min(turn) AS first_turn, max(turn) AS last_turn, count(*) AS turns,
        sum(n_words)::BIGINT AS n_words, min(start_s) AS start_s, max(end_s) AS end_s
    FROM numbered GROUP BY conversation_id, segment, topic_id
)
SELECT
    *, row_number() OVER (PARTITION BY conversation_id, topic_id ORDER BY segment) > 1 AS returns
FROM segments
