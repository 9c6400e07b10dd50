-- One row per question: who answered it, how, and how soon; or nobody.
--
-- A question is a turn with the letter Q; its answer is the first turn with the letter A or S among
-- the five that follow it that another speaks. answered: there is one. turns_later: how many turns
-- after the question. latency_s: from the end of the question's sound to the beginning of the
-- answer's, below 0 if they overlap; null where a time is not known.
--
-- Source: turns, by their number. Adjacency pairs: Schegloff and Sacks 1973.

WITH numbered AS (
    SELECT
        conversation_id, turn, speaker_id, act, act_letter, speech_start_us, speech_end_us, copied,
        row_number() OVER (PARTITION BY conversation_id ORDER BY turn) AS nth
    FROM turns
),
questions AS (SELECT * FROM numbered WHERE act_letter = 'Q' AND NOT copied),
answers AS (
    SELECT
        q.conversation_id, q.nth, min(later) AS later, arg_min(a.turn, later) AS turn,
        arg_min(a.speaker_id, later) AS speaker_id, arg_min(a.act, later) AS act,
        arg_min_null(a.speech_start_us, later) AS start_us
    FROM (SELECT *, unnest([1, 2, 3, 4, 5]) AS later FROM questions) AS q
    JOIN numbered AS a ON a.conversation_id = q.conversation_id AND a.nth = q.nth + q.later
    WHERE a.speaker_id <> q.speaker_id AND a.act_letter IN ('A', 'S')
    GROUP BY q.conversation_id, q.nth
)
SELECT
    q.conversation_id, q.turn, q.speaker_id, q.act, a.turn IS NOT NULL AS answered,
    a.turn AS answer_turn, a.speaker_id AS answer_speaker_id, a.act AS answer_act,
    a.later AS turns_later, (a.start_us - q.speech_end_us) / 1e6 AS latency_s
FROM questions AS q LEFT JOIN answers AS a
    ON a.conversation_id = q.conversation_id AND a.nth = q.nth
