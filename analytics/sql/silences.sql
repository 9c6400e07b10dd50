-- One row per silence: nobody speaks between two speech units.
--
-- start_s, end_s, duration_s: seconds, from the earliest start in the conversation.
-- before_speaker_id, after_speaker_id: who stopped last and who begins; of several the one with the
--   highest and the lowest unit number.
-- kind: pause (the same speaker goes on) or gap (another does).
-- dead_air: it lasts 5 s or longer.
--
-- Source: floor and speech_units. Pause and gap: Heldner and Edlund 2010.

SELECT
    f.conversation_id, f.start_s, f.end_s, f.duration_s,
    arg_max(b.speaker_id, b.unit) AS before_speaker_id,
    arg_min(a.speaker_id, a.unit) AS after_speaker_id,
    CASE WHEN arg_max(b.speaker_id, b.unit) = arg_min(a.speaker_id, a.unit) THEN 'pause' ELSE 'gap' END
        AS kind,
    f.end_us - f.start_us >= 5_000_000 AS dead_air
FROM floor AS f
JOIN speech_units AS b ON b.conversation_id = f.conversation_id AND b.end_us = f.start_us
JOIN speech_units AS a ON a.conversation_id = f.conversation_id AND a.start_us = f.end_us
WHERE f.n_speaking = 0
GROUP BY f.conversation_id, f.start_s, f.end_s, f.duration_s, f.start_us, f.end_us
