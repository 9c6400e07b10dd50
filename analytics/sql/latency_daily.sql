-- One row per day and engine: how long listeners waited for the first sound.
--
-- day: in UTC, on which the conversation began. turns: spoken to their end, and measured; what a fork
--   copied is left out. p50_ms, p90_ms, p99_ms: quantiles of first_audio_ms by linear interpolation, in
--   milliseconds. real_time_factor: time to make the sound by its length, over all of them.
--
-- Source: waits.

SELECT
    day, engine, turns, quantiles[1] AS p50_ms, quantiles[2] AS p90_ms, quantiles[3] AS p99_ms,
    real_time_factor
FROM (
    SELECT
        day, engine, count(*) AS turns, quantile_cont(first_audio_ms, [0.5, 0.9, 0.99]) AS quantiles,
        sum(synthesised_ms::DECIMAL(38, 15))::DOUBLE / 1000
            / nullif(sum(audio_s::DECIMAL(38, 15))::DOUBLE, 0) AS real_time_factor
    FROM waits GROUP BY day, engine
)
