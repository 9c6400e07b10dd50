-- One row per conversation: how the floor passed in it.
--
-- span_s: seconds from the first speech to the last. silence_share: time in which nobody speaks by
--   span_s; longest_silence_s; dead_air: silences of 5 s or longer.
-- overlap_share: time in which two or more speak by the time in which anybody does.
-- transfers: changes of the floor. transfer_median_s, transfer_p10_s, transfer_p90_s: their offsets,
--   quantiles by linear interpolation. transfer_mode_s: the middle of the commonest bin of 100 ms, of
--   several the lowest; bins begin at whole multiples. within_500_ms: share of offsets from -0.5 to
--   0.5 s; above_1_s: share of those above 1 s.
-- interruptions, backchannels: how many, and by the minutes in which anybody speaks.
--
-- Source: floor, silences, floor_transfers, interruptions and backchannels.

WITH spans AS (
    SELECT
        conversation_id, max(end_us) - min(start_us) AS span_us,
        sum(CASE WHEN n_speaking = 0 THEN end_us - start_us ELSE 0 END)::BIGINT AS silence_us,
        sum(CASE WHEN n_speaking >= 1 THEN end_us - start_us ELSE 0 END)::BIGINT AS speech_us,
        sum(CASE WHEN n_speaking >= 2 THEN end_us - start_us ELSE 0 END)::BIGINT AS overlap_us,
        max(CASE WHEN n_speaking = 0 THEN duration_s END) AS longest_silence_s,
        count(*) FILTER (n_speaking = 0 AND end_us - start_us >= 5_000_000) AS dead_air
    FROM floor GROUP BY conversation_id
),
offsets AS (
    SELECT
        conversation_id, count(*) AS transfers,
        quantile_cont(transfer_s, [0.1, 0.5, 0.9]) AS q,
        count(*) FILTER (abs(transfer_s) <= 0.5) / count(*) AS within_500_ms,
        count(*) FILTER (transfer_s > 1) / count(*) AS above_1_s
    FROM floor_transfers GROUP BY conversation_id
),
modes AS (
    SELECT conversation_id, arg_max(bin, (n, -bin)) AS bin
    FROM (
        -- In whole microseconds: as a double, 0.3 / 0.1 is less than 3.
        SELECT conversation_id, floor(round(transfer_s * 1e6) / 100_000)::BIGINT AS bin, count(*) AS n
        FROM floor_transfers GROUP BY ALL
    )
    GROUP BY conversation_id
),
cuts AS (SELECT conversation_id, count(*) AS n FROM interruptions GROUP BY ALL),
nods AS (SELECT conversation_id, count(*) AS n FROM backchannels GROUP BY ALL)
SELECT
    conversation_id, span_us / 1e6 AS span_s, silence_us / nullif(span_us, 0) AS silence_share,
    longest_silence_s, dead_air, overlap_us / nullif(speech_us, 0) AS overlap_share,
    coalesce(transfers, 0) AS transfers, q[2] AS transfer_median_s, q[1] AS transfer_p10_s,
    q[3] AS transfer_p90_s, (bin + 0.5) / 10.0 AS transfer_mode_s, within_500_ms, above_1_s,
    coalesce(cuts.n, 0) AS interruptions,
    coalesce(cuts.n, 0) * 6e7 / nullif(speech_us, 0) AS interruptions_per_min,
    coalesce(nods.n, 0) AS backchannels,
    coalesce(nods.n, 0) * 6e7 / nullif(speech_us, 0) AS backchannels_per_min
FROM spans
LEFT JOIN offsets USING (conversation_id)
LEFT JOIN modes USING (conversation_id)
LEFT JOIN cuts USING (conversation_id)
LEFT JOIN nods USING (conversation_id)
