-- One row per day and engine: how long listeners waited for the first sound.
--
-- day: in UTC, on which the conversation began. turns: spoken to their end, and measured; what a fork
--   copied is left out. p50_ms, p90_ms, p99_ms: quantiles of first_audio_ms by linear interpolation, in
--   milliseconds. real_time_factor: time to make the sound by its length, over all of them.
--
-- Source: turns and sessions.

SELECT
    day, engine, count(*) AS turns, quantile_cont(first_audio_ms, 0.5) AS p50_ms,
    quantile_cont(first_audio_ms, 0.9) AS p90_ms, quantile_cont(first_audio_ms, 0.99) AS p99_ms,
    sum(synthesised_ms::DECIMAL(28, 6))::DOUBLE / 1000
        / nullif(sum(audio_s::DECIMAL(28, 9))::DOUBLE, 0) AS real_time_factor
FROM (SELECT conversation_id, engine, kind, copied, first_audio_ms, synthesised_ms, audio_s FROM turns)
JOIN (SELECT conversation_id, day FROM sessions) USING (conversation_id)
WHERE first_audio_ms IS NOT NULL AND kind = 'spoken' AND NOT copied
GROUP BY day, engine
