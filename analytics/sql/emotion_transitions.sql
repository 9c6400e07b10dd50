-- One row per pair of emotions that follow one another: how often, and how much oftener than by chance.
--
-- link: own, from a turn of a speaker to their own next one; other, from a turn to the next one in the
--   conversation, if another speaks it. Turns whose emotion is not known are passed over.
-- n: how often. p: by how often the first is followed by any. lift: p by the share of the second among
--   all that follow; 1 is chance. pmi: its logarithm to base 2, in bits.
--
-- Source: turns, by their number; what a fork copied counts where it happened.

WITH known AS (
    SELECT conversation_id, turn, speaker_id, emotion FROM turns WHERE emotion IS NOT NULL AND NOT copied
),
followed AS (
    SELECT
        speaker_id, emotion, lead(emotion) OVER own AS own_next, lead(emotion) OVER of_all AS next,
        lead(speaker_id) OVER of_all AS next_speaker_id
    FROM known
    WINDOW
        own AS (PARTITION BY conversation_id, speaker_id ORDER BY turn),
        of_all AS (PARTITION BY conversation_id ORDER BY turn)
),
counted AS (
    SELECT 'own' AS link, emotion, own_next AS next_emotion, count(*) AS n
    FROM followed WHERE own_next IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT 'other', emotion, next, count(*)
    FROM followed WHERE next IS NOT NULL AND next_speaker_id <> speaker_id GROUP BY ALL
)
SELECT
    link, emotion, next_emotion, n, n / sum(n) OVER (PARTITION BY link, emotion) AS p,
    n * sum(n) OVER (PARTITION BY link)
        / (sum(n) OVER (PARTITION BY link, emotion) * sum(n) OVER (PARTITION BY link, next_emotion)) AS lift,
    log2(lift) AS pmi
FROM counted
