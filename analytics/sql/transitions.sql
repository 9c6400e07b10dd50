-- One row per pair of readings that follow one another: how often, and how much oftener than by chance.
--
-- Parameters: reading := 'act'
--
-- reading: act, or emotion. before, after: of the two turns.
-- link: own, from a turn of a speaker to their own next one; other, from a turn to the next one in the
--   conversation, if another speaks it. Turns of which it is not known are passed over.
-- n: how often. p: by how often the first is followed by any. lift: p by the share of the second among
--   all that follow; 1 is chance. pmi: its logarithm to base 2, in bits.
--
-- Source: turns, by their number; what a fork copied counts where it happened.

WITH known AS (
    SELECT
        conversation_id, turn, speaker_id,
        CASE reading WHEN 'act' THEN act WHEN 'emotion' THEN emotion END AS label
    FROM turns WHERE NOT copied
),
followed AS (
    SELECT
        speaker_id, label, lead(label) OVER own AS own_next, lead(label) OVER of_all AS next,
        lead(speaker_id) OVER of_all AS next_speaker_id
    FROM known WHERE label IS NOT NULL
    WINDOW
        own AS (PARTITION BY conversation_id, speaker_id ORDER BY turn),
        of_all AS (PARTITION BY conversation_id ORDER BY turn)
),
counted AS (
    SELECT 'own' AS link, label AS before, own_next AS after, count(*) AS n
    FROM followed WHERE own_next IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT 'other', label, next, count(*)
    FROM followed WHERE next IS NOT NULL AND next_speaker_id <> speaker_id GROUP BY ALL
)
SELECT
    link, before, after, n, n / sum(n) OVER (PARTITION BY link, before) AS p,
    n * sum(n) OVER (PARTITION BY link)
        / (sum(n) OVER (PARTITION BY link, before) * sum(n) OVER (PARTITION BY link, after)) AS lift,
    log2(lift) AS pmi
FROM counted
