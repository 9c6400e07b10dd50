-- One row per low in a speaker's mood: where it began, and when they were over it.
--
-- from_turn, from_s: the first turn with a valence of -0.3 or less since the speaker's last recovery.
-- lowest: the least valence until the recovery, or the end.
-- to_turn, to_s: the speaker's first turn after it with a valence above 0; null if there is none.
-- recovery_s: to_s less from_s.
--
-- start_s orders the turns, then their number; seconds from the earliest start in the conversation.
-- Source: turns.

WITH felt AS (
    SELECT
        conversation_id, speaker_id, turn, start_s, valence,
        row_number() OVER (PARTITION BY conversation_id, speaker_id ORDER BY start_s, turn) AS nth
    FROM turns WHERE valence IS NOT NULL
),
told AS (
    SELECT *, lag(valence) OVER (PARTITION BY conversation_id, speaker_id ORDER BY nth) AS before
    FROM felt WHERE valence <= -0.3 OR valence > 0
),
edges AS (
    SELECT
        *, lead(turn) OVER own AS to_turn, lead(start_s) OVER own AS to_s, lead(nth) OVER own AS to_nth
    FROM told WHERE (valence <= -0.3) <> coalesce(before <= -0.3, false)
    WINDOW own AS (PARTITION BY conversation_id, speaker_id ORDER BY nth)
),
lows AS (SELECT * FROM edges WHERE valence <= -0.3)
SELECT
    l.conversation_id, l.speaker_id, l.turn AS from_turn, l.start_s AS from_s,
    min(f.valence) AS lowest, to_turn, to_s, to_s - l.start_s AS recovery_s
FROM lows AS l
JOIN felt AS f ON f.conversation_id = l.conversation_id AND f.speaker_id = l.speaker_id
    AND f.nth >= l.nth AND f.nth < coalesce(to_nth, 9_223_372_036_854_775_807)
GROUP BY ALL
