-- One row per interruption: somebody took the floor while another was speaking, and kept it; or a
-- turn that we spoke was cut short.
--
-- kind: overlap (heard in the times) or barge_in or listener_left (recorded as the turn's cause).
-- at_s: when, in seconds from the earliest start in the conversation. by_speaker_id, of_speaker_id:
--   who interrupted whom; by may be null where it was recorded, but not by whom.
-- overlap_s: how long both spoke; null for what was recorded. by_act, of_act: their acts.
--
-- An overlap is one if the holding of the floor begins 200 ms or more before the end of the one
-- before it, they overlap for more than 500 ms, and it goes on for 1 s or more after that end.
-- Backchannels hold no floor. Source: floor_turns, and turns with the status interrupted.

WITH taken AS (
    SELECT
        *, lag(end_us) OVER w AS ended_us, lag(speaker_id) OVER w AS of_speaker_id,
        lag(last_act) OVER w AS of_act
    FROM floor_turns WINDOW w AS (PARTITION BY conversation_id ORDER BY floor_turn)
)
SELECT
    conversation_id, start_us / 1e6 AS at_s, speaker_id AS by_speaker_id, of_speaker_id,
    'overlap' AS kind, (ended_us - start_us) / 1e6 AS overlap_s, first_act AS by_act, of_act
FROM taken
WHERE ended_us - start_us >= 200_000 AND ended_us - start_us > 500_000
    AND end_us - ended_us >= 1_000_000
UNION ALL
SELECT
    conversation_id, coalesce(speech_end_us / 1e6, start_s), cut_by, speaker_id,
    cause, NULL, NULL, act
FROM turns WHERE status = 'interrupted'
