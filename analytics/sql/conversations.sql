-- One row per conversation: how long it was, what it cost, and how it came to its end.
--
-- Parameters: per_1000_characters := 0, per_synthesis_hour := 0, quiet_s := 1800
--
-- outcome: ended; open; or abandoned: it was not ended, and either its last turn lost its listener, or
--   quiet_s have gone by since its last event. The time is that of the last event that the answer knows
--   of, in any conversation (as_of).
-- cost: characters and hours of synthesis by their price, in the price's currency; null if both are 0.
-- real_time_factor: synthesis_s by audio_s. The other columns: see sessions.
--
-- Source: sessions and as_of. Abandonment by silence: as Rasa Pro's analytics has it.

SELECT
    conversation_id, s.day, started_at, last_at,
    CASE
        WHEN ended THEN 'ended'
        WHEN "left" OR epoch_us(a.recorded_at) - epoch_us(last_at) > quiet_s * 1e6 THEN 'abandoned'
        ELSE 'open'
    END AS outcome,
    participants, turns, heard, spoken, interrupted, failed, duration_s, characters, audio_s,
    synthesis_s, synthesis_s / nullif(audio_s, 0) AS real_time_factor,
    CASE WHEN per_1000_characters > 0 OR per_synthesis_hour > 0
        THEN characters / 1000 * per_1000_characters + synthesis_s / 3600 * per_synthesis_hour
    END AS cost,
    metadata
FROM sessions AS s CROSS JOIN as_of AS a
