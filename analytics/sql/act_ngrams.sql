-- One row per sequence of dialogue acts that occurs: how often, and in how many conversations.
--
-- Parameters: n := 3
--
-- gram: n acts of turns that follow one another, whoever speaks. times: how often; overlapping ones
--   count each. conversations: in how many. share: of the conversations with n such turns or more.
-- Turns whose act is not known are passed over.
--
-- Source: turns, by their number; what a fork copied counts where it happened.

WITH grams AS (
    SELECT
        conversation_id,
        list(act) OVER (
            PARTITION BY conversation_id ORDER BY turn ROWS BETWEEN CURRENT ROW AND n - 1 FOLLOWING
        ) AS gram
    FROM turns WHERE act IS NOT NULL AND NOT copied
),
counted AS (
    SELECT conversation_id, gram, count(*) AS times
    FROM grams WHERE len(gram) = n GROUP BY conversation_id, gram
)
SELECT
    gram, sum(times)::BIGINT AS times, count(*) AS conversations,
    count(*) / (SELECT count(DISTINCT conversation_id) FROM counted) AS share
FROM counted GROUP BY gram
