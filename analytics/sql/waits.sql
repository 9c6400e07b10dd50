-- One row per turn that was spoken to its end, and measured: how long its listener waited.
--
-- Order: conversation_id, turn
--
-- day: in UTC, on which the conversation began. first_audio_ms: from the arrival of the request until
--   the first samples could leave. synthesised_ms: until the last had been made. audio_s: seconds of
--   sound that were made.
--
-- Source: turns and sessions. Those that a fork brought along are left out: they were measured once.

SELECT conversation_id, turn, day, engine, first_audio_ms, synthesised_ms, audio_s
FROM turns JOIN (SELECT conversation_id, day FROM sessions) USING (conversation_id)
WHERE first_audio_ms IS NOT NULL AND kind = 'spoken' AND NOT copied
