-- One row per spoken turn that answers one that was heard: how long the other waited, in parts.
--
-- asked_ms: from the end of the other's speech until we were asked to speak: the client's end-of-turn
--   detection, recognition and thinking, and the way here. to_begun_ms: from there until the turn's
--   beginning was durable. to_first_audio_ms: from there until the first samples could leave.
-- response_ms: the whole: first samples less the end of the other's speech. check_ms: what the parts
--   leave of it, 0 but for the rounding to microseconds. The way to the listener's ear is not known here.
-- overlapping: we were asked before the other had finished; asked_ms is then negative.
--
-- Source: turns that directly follow one whose end is known. What a fork copied is left out. In parts
-- that add up: as Pipecat's latency observer has it.

WITH pairs AS (
    SELECT
        conversation_id, turn, turn_id, speaker_id, voice, engine, kind, started_at, begun_ms,
        first_audio_ms, copied, speech_start_us,
        lag(kind) OVER w AS kind_before, lag(speaker_id) OVER w AS to_speaker_id,
        lag(CASE WHEN duration_s IS NOT NULL THEN ended_at END) OVER w AS other_ended_at,
        lag(speech_end_us) OVER w AS other_end_us
    FROM turns WINDOW w AS (PARTITION BY conversation_id ORDER BY turn)
)
SELECT
    conversation_id, turn, turn_id, speaker_id, to_speaker_id, voice, engine,
    (epoch_us(started_at) - epoch_us(other_ended_at)) / 1000 AS asked_ms,
    begun_ms AS to_begun_ms, first_audio_ms - begun_ms AS to_first_audio_ms,
    (speech_start_us - other_end_us) / 1000 AS response_ms,
    round(response_ms - (asked_ms + to_begun_ms + to_first_audio_ms), 2) AS check_ms,
    asked_ms < 0 AS overlapping
FROM pairs
WHERE kind = 'spoken' AND kind_before = 'heard' AND speech_start_us - other_end_us IS NOT NULL
    AND begun_ms IS NOT NULL AND first_audio_ms IS NOT NULL AND NOT copied
