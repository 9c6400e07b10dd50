-- One row per conversation and speaker: how much of the talk was theirs.
--
-- speech_s: seconds during which the speaker speaks: the union of their stretches of speech, so that
--   turns of theirs that overlap count once. A stretch ends with its turn and lasts as long as what
--   sounded of it, to the microsecond.
-- share: speech_s by the sum of speech_s over all speakers, 0 to 1. Overlapping speakers count each.
-- untimed: turns that were said, though we were not told when. They make the speaker's speech_s
--   null, and with it every share in the conversation: a share of what is known would mislead.
-- turns, words: all of the speaker's, also those that failed or were cut short.
--
-- Source: turns. The past that a fork shares counts in the fork, too: it is part of that dialogue.

WITH stretches AS (
    SELECT
        conversation_id, speaker_id, speech_start_us AS begins, speech_end_us AS ends,
        max(speech_end_us) OVER (
            PARTITION BY conversation_id, speaker_id
            ORDER BY speech_start_us, speech_end_us, turn
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS spoken_until
    FROM turns WHERE speech_end_us > speech_start_us
),
speech AS (
    SELECT
        conversation_id, speaker_id,
        sum(greatest(0, ends - greatest(begins, coalesce(spoken_until, begins))))::BIGINT
            AS speech_us
    FROM stretches GROUP BY ALL
),
speakers AS (
    SELECT
        conversation_id, speaker_id, count(*) AS turns, sum(n_words)::BIGINT AS words,
        count(*) FILTER (status IN ('completed', 'interrupted') AND duration_s IS NULL) AS untimed
    FROM turns GROUP BY ALL
),
known AS (
    SELECT
        conversation_id, speaker_id, turns, words, untimed,
        CASE WHEN untimed = 0 THEN coalesce(speech_us, 0) END AS speech_us,
        sum(untimed) OVER of_conversation AS untimed_of_all,
        sum(coalesce(speech_us, 0)) OVER of_conversation AS speech_of_all
    FROM speakers LEFT JOIN speech USING (conversation_id, speaker_id)
    WINDOW of_conversation AS (PARTITION BY conversation_id)
)
SELECT
    conversation_id, speaker_id, speech_us / 1e6 AS speech_s,
    CASE WHEN untimed_of_all = 0 THEN speech_us / nullif(speech_of_all, 0) END AS share,
    turns, words, untimed
FROM known
