-- One row per conversation and speaker whose affect is known: how they felt, and how that moved.
--
-- turns: those of which the valence is known, in the order of their start, then their number.
-- mean_valence, sd_valence (of a sample), mean_arousal. instability: the root mean square of
--   successive differences of valence (RMSSD). inertia: its autocorrelation at lag 1.
-- slope_per_min: of valence over time, by least squares. first_valence, last_valence, change.
-- negative_share: share of turns with a valence below 0. negative_s: seconds of speech in them.
-- shift_share: share of turns with another emotion than the speaker's own before.
-- lows, recovered, mean_recovery_s: see recoveries.
-- Null where there are too few turns, or valence does not vary.
--
-- Source: turns and recoveries. Inertia and instability: Kuppens et al. 2010; Jahng et al. 2008.

WITH felt AS (
    SELECT
        conversation_id, speaker_id, valence, arousal, emotion, duration_s, start_s,
        row_number() OVER w AS nth, lag(valence) OVER w AS before, lag(emotion) OVER w AS emotion_before,
        avg(valence) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS mean,
        start_s / 60 AS minute,
        avg(start_s / 60) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS middle
    FROM turns WHERE valence IS NOT NULL
    WINDOW w AS (PARTITION BY conversation_id, speaker_id ORDER BY start_s, turn)
),
-- Sums of decimals do not depend on the order in which threads add them up.
summed AS (
    SELECT
        conversation_id, speaker_id, count(*) AS turns, any_value(mean) AS mean_valence,
        sum(((valence - mean) * (valence - mean))::DECIMAL(28, 15))::DOUBLE AS squares,
        sum(((valence - mean) * (before - mean))::DECIMAL(28, 15))::DOUBLE AS products,
        sum(((valence - before) * (valence - before))::DECIMAL(28, 15))::DOUBLE AS jumps,
        avg(arousal::DECIMAL(18, 9)) AS mean_arousal,
        sum(((minute - middle) * valence)::DECIMAL(38, 12))::DOUBLE AS rise,
        sum(((minute - middle) * (minute - middle))::DECIMAL(38, 12))::DOUBLE AS run,
        arg_min(valence, nth) AS first_valence, arg_max(valence, nth) AS last_valence,
        count(*) FILTER (valence < 0) / count(*) AS negative_share,
        sum(CASE WHEN valence < 0 THEN duration_s::DECIMAL(28, 9) ELSE 0 END)::DOUBLE AS negative_s,
        count(*) FILTER (emotion <> emotion_before)
            / nullif(count(*) FILTER (emotion IS NOT NULL AND emotion_before IS NOT NULL), 0)
            AS shift_share
    FROM felt GROUP BY conversation_id, speaker_id
),
lows AS (
    SELECT
        conversation_id, speaker_id, count(*) AS lows, count(to_turn) AS recovered,
        avg(recovery_s::DECIMAL(28, 9)) AS mean_recovery_s
    FROM recoveries GROUP BY ALL
)
SELECT
    conversation_id, speaker_id, turns, mean_valence,
    sqrt(squares / nullif(turns - 1, 0)) AS sd_valence, mean_arousal,
    sqrt(jumps / nullif(turns - 1, 0)) AS instability,
    products / CASE WHEN squares > 1e-12 THEN squares END AS inertia,
    rise / CASE WHEN run > 1e-9 THEN run END AS slope_per_min, first_valence, last_valence,
    last_valence - first_valence AS change, negative_share, negative_s, shift_share,
    coalesce(lows, 0) AS lows, coalesce(recovered, 0) AS recovered, mean_recovery_s
FROM summed LEFT JOIN lows USING (conversation_id, speaker_id)
