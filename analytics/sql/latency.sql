-- One row per turn that was spoken to its end: where the time from its request to its last samples
-- went, in milliseconds.
--
-- to_begun_ms: until the turn's beginning was durable.
-- to_first_audio_ms: from there until the first samples could leave.
-- to_synthesised_ms: from there until the last samples had been made.
-- total_ms: the whole, as it was measured. check_ms: what the parts leave of it; always 0.
-- in_order: whether each part was measured and none is negative; where it is false, distrust them.
-- first_audio_ms: what a listener waits: the first two parts.
-- real_time_factor: total_ms by the length of the sound; below 1, it was made faster than it plays.
--
-- Source: turns. Those that a fork brought along are left out: they were measured once.

SELECT
    conversation_id, turn, turn_id, speaker_id, voice, engine,
    begun_ms AS to_begun_ms,
    first_audio_ms - begun_ms AS to_first_audio_ms,
    synthesised_ms - first_audio_ms AS to_synthesised_ms,
    synthesised_ms AS total_ms,
    -- To the nanosecond: the parts are differences of doubles.
    round(total_ms - (to_begun_ms + to_first_audio_ms + to_synthesised_ms), 6) AS check_ms,
    coalesce(to_begun_ms >= 0 AND to_first_audio_ms >= 0 AND to_synthesised_ms >= 0, false)
        AS in_order,
    first_audio_ms,
    total_ms / 1000 / nullif(audio_s, 0) AS real_time_factor
FROM turns
WHERE kind = 'spoken' AND synthesised_ms IS NOT NULL AND NOT copied
