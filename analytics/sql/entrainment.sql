-- One row per conversation: whether its speakers come to sound alike.
--
-- Parameters: feature := 'words_per_s'
--
-- feature: words_per_s (words by seconds of speech), f0_median_hz, f0_range_st, loudness_lufs,
--   rate_syll_s, pauses_s, valence or arousal, each as its distance from the speaker's own mean in the
--   conversation, in their own standard deviations (of all turns); speakers of whom it is known only
--   once, or never varies, are left out.
-- pairs: turns next to one another, of different speakers, of which both are known.
-- proximity: the mean of minus the distance within them; by_chance: within all pairs of turns of
--   different speakers in the conversation; gain: the first less the second, above 0 if neighbours are
--   closer. synchrony: correlation of a turn with the one before. convergence: correlation of minus
--   the distance with the start of the second turn, above 0 if they grow closer.
--
-- Source: turns, by their number. Levitan and Hirschberg 2011, with every pair for the random ones.

WITH measured AS (
    SELECT
        conversation_id, turn, speaker_id, start_s,
        CASE feature
            WHEN 'words_per_s' THEN n_words / CASE WHEN duration_s > 0 THEN duration_s END
            WHEN 'f0_median_hz' THEN f0_median_hz WHEN 'f0_range_st' THEN f0_range_st
            WHEN 'loudness_lufs' THEN loudness_lufs WHEN 'rate_syll_s' THEN rate_syll_s
            WHEN 'pauses_s' THEN pauses_s WHEN 'valence' THEN valence WHEN 'arousal' THEN arousal
        END AS value
    FROM turns
),
levels AS (
    SELECT
        *, avg(value) OVER own AS mean, stddev_pop(value) OVER own AS sd
    FROM measured
    WINDOW own AS (PARTITION BY conversation_id, speaker_id ORDER BY turn
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
),
scored AS (
    SELECT
        conversation_id, turn, speaker_id, start_s,
        CASE WHEN sd > 1e-9 * greatest(1, abs(mean)) THEN (value - mean) / sd END AS z
    FROM levels
),
neighbours AS (
    SELECT
        conversation_id, turn, start_s, z, speaker_id, lag(z) OVER w AS before,
        lag(speaker_id) OVER w AS speaker_before
    FROM scored WINDOW w AS (PARTITION BY conversation_id ORDER BY turn)
),
pairs AS (
    SELECT
        conversation_id, -abs(z - before) AS near,
        z - avg(z) OVER w AS z, before - avg(before) OVER w AS b,
        near - avg(near) OVER w AS n, start_s - avg(start_s) OVER w AS s
    FROM neighbours
    WHERE z IS NOT NULL AND before IS NOT NULL AND speaker_id <> speaker_before
    WINDOW w AS (PARTITION BY conversation_id ORDER BY turn
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
),
-- Sums of decimals do not depend on the order in which threads add them up.
summed AS (
    SELECT
        conversation_id, count(*) AS pairs, avg(near::DECIMAL(28, 12)) AS near,
        sum((z * z)::DECIMAL(38, 12))::DOUBLE AS zz, sum((b * b)::DECIMAL(38, 12))::DOUBLE AS bb,
        sum((z * b)::DECIMAL(38, 12))::DOUBLE AS zb, sum((n * n)::DECIMAL(38, 12))::DOUBLE AS nn,
        sum((s * s)::DECIMAL(38, 12))::DOUBLE AS ss, sum((n * s)::DECIMAL(38, 12))::DOUBLE AS ns
    FROM pairs GROUP BY conversation_id
),
-- The sum of the distances within all pairs of n sorted numbers is that of (2k - n - 1) x_k.
ranked AS (
    SELECT
        conversation_id, speaker_id,
        z * (2 * row_number() OVER (PARTITION BY conversation_id ORDER BY z, turn)
            - count(*) OVER (PARTITION BY conversation_id) - 1) AS of_all,
        z * (2 * row_number() OVER (PARTITION BY conversation_id, speaker_id ORDER BY z, turn)
            - count(*) OVER (PARTITION BY conversation_id, speaker_id) - 1) AS of_own
    FROM scored WHERE z IS NOT NULL
),
owned AS (
    SELECT
        conversation_id, speaker_id, count(*) AS n,
        sum(of_all::DECIMAL(38, 12)) AS of_all, sum(of_own::DECIMAL(38, 12)) AS of_own
    FROM ranked GROUP BY ALL
),
chance AS (
    SELECT
        conversation_id, -(sum(of_all) - sum(of_own))::DOUBLE
            / nullif((sum(n) * sum(n) - sum(n * n)) / 2, 0) AS by_chance
    FROM owned GROUP BY conversation_id
)
SELECT
    conversation_id, feature AS feature, pairs, near AS proximity, by_chance, near - by_chance AS gain,
    zb / CASE WHEN zz * bb > 1e-12 THEN sqrt(zz * bb) END AS synchrony,
    ns / CASE WHEN nn * ss > 1e-12 THEN sqrt(nn * ss) END AS convergence
FROM summed JOIN chance USING (conversation_id)
