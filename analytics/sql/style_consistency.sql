-- One row per spoken turn whose sound was measured: what was asked of the voice, and what came out.
--
-- planned_pitch_st, measured_pitch_st: semitones; measured against 1 Hz, and then less the voice's own
--   level. planned_rate, measured_rate: times the voice's own rate. planned_range, measured_range: of F0,
--   times the voice's own. planned_loudness_db, measured_loudness_db: decibels above the voice's own
--   level. planned_pauses_s, measured_pauses_s: seconds of silence between the phrases, and of silences
--   of 200 ms or more found in the sound. planned_final_st, measured_final_st: semitones by which F0
--   moves at the end, as they are.
-- The voice's own level is the median, over all turns of the voice and engine that are asked about, of
-- what was measured less what was planned (of rate and range: by what was planned).
-- …_error: measured less planned; of rate and range, the logarithm to base 2 of the first by the second.
-- Null where it was not measured or not planned.
--
-- Source: turns. What a fork copied is left out.

WITH measured AS (
    SELECT
        conversation_id, turn, turn_id, speaker_id, voice, engine, planned_pitch_st, planned_rate,
        planned_range, planned_loudness_db, planned_pauses_s, pauses_s AS measured_pauses_s,
        planned_final_st, f0_final_slope AS measured_final_st,
        CASE WHEN f0_median_hz > 0 THEN 12 * log2(f0_median_hz) END - planned_pitch_st AS pitch,
        CASE WHEN rate_syll_s > 0 AND planned_rate > 0 THEN log2(rate_syll_s / planned_rate) END
            AS rate,
        CASE WHEN f0_range_st > 0 AND planned_range > 0 THEN log2(f0_range_st / planned_range) END
            AS range,
        loudness_lufs - planned_loudness_db AS loudness
    FROM turns
    WHERE kind = 'spoken' AND NOT copied AND coalesce(
        f0_median_hz, rate_syll_s, f0_range_st, loudness_lufs, pauses_s, f0_final_slope
    ) IS NOT NULL
),
levels AS (
    SELECT
        voice, engine, median(pitch) AS pitch, median(rate) AS rate, median(range) AS range,
        median(loudness) AS loudness
    FROM measured GROUP BY voice, engine
)
SELECT
    m.conversation_id, turn, turn_id, speaker_id, m.voice, m.engine,
    planned_pitch_st, m.pitch - l.pitch + planned_pitch_st AS measured_pitch_st,
    m.pitch - l.pitch AS pitch_error_st,
    planned_rate, pow(2, m.rate - l.rate) * planned_rate AS measured_rate,
    m.rate - l.rate AS rate_error,
    planned_loudness_db, m.loudness - l.loudness + planned_loudness_db AS measured_loudness_db,
    m.loudness - l.loudness AS loudness_error_db,
    planned_pauses_s, measured_pauses_s, measured_pauses_s - planned_pauses_s AS pauses_error_s,
    planned_range, pow(2, m.range - l.range) * planned_range AS measured_range,
    m.range - l.range AS range_error,
    planned_final_st, measured_final_st, measured_final_st - planned_final_st AS final_error_st
FROM measured AS m
LEFT JOIN levels AS l ON l.voice IS NOT DISTINCT FROM m.voice
    AND l.engine IS NOT DISTINCT FROM m.engine
