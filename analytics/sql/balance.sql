-- One row per window of time and speaker: how evenly the talk is shared as it goes on.
--
-- Parameters: window_s := 150, step_s := 30
--
-- window_start_s: windows of window_s seconds begin every step_s seconds, from the first speech on,
--   for as long as there is speech to come. speech_s: seconds in which the speaker speaks; share: of
--   all speech in the window. balance: 1 if all speakers of the conversation speak equally long, 0 if
--   one does alone: the entropy of the shares by the logarithm of the number of speakers. Null where
--   a share has nothing to be of, or nobody to share with.
--
-- Source: speech_units. ConvoKit's sliding windows (Balance), for any number of speakers.

WITH spans AS (
    SELECT
        conversation_id, min(start_us) AS first_us, max(end_us) AS last_us,
        count(DISTINCT speaker_id) AS speakers
    FROM speech_units GROUP BY conversation_id
),
sized AS (
    SELECT *, ceil((last_us - first_us) / 1e6 / step_s)::BIGINT AS windows FROM spans
),
windows AS (
    SELECT
        conversation_id, speakers, nth, first_us + (nth * step_s * 1e6)::BIGINT AS start_us
    FROM (SELECT *, unnest(range(windows)) AS nth FROM sized)
),
-- A unit and each window that it may reach into, by their numbers.
placed AS (
    SELECT
        conversation_id, speaker_id, nth, start_us, end_us,
        first_us + (nth * step_s * 1e6)::BIGINT AS opens_us,
        first_us + ((nth * step_s + window_s) * 1e6)::BIGINT AS closes_us
    FROM (
        SELECT *, unnest(range(
            greatest(0, floor((start_us - first_us) / 1e6 / step_s - window_s / step_s))::BIGINT,
            least(windows, ceil((end_us - first_us) / 1e6 / step_s)::BIGINT + 1)
        )) AS nth
        FROM speech_units JOIN sized USING (conversation_id)
    )
),
shares AS (
    SELECT
        conversation_id, speaker_id, nth,
        sum(least(end_us, closes_us) - greatest(start_us, opens_us))::BIGINT AS speech_us
    FROM placed WHERE start_us < closes_us AND opens_us < end_us
    GROUP BY conversation_id, speaker_id, nth
),
whole AS (
    SELECT
        w.conversation_id, w.nth, w.start_us, w.speakers, p.speaker_id,
        coalesce(speech_us, 0) AS speech_us
    FROM windows AS w
    JOIN (SELECT DISTINCT conversation_id, speaker_id FROM speech_units) AS p USING (conversation_id)
    LEFT JOIN shares AS s
        ON s.conversation_id = w.conversation_id AND s.nth = w.nth AND s.speaker_id = p.speaker_id
),
known AS (
    SELECT
        *, speech_us / nullif(sum(speech_us) OVER (PARTITION BY conversation_id, nth), 0) AS share
    FROM whole
)
SELECT
    conversation_id, start_us / 1e6 AS window_start_s, speaker_id, speech_us / 1e6 AS speech_s, share,
    sum(CASE WHEN share > 0 THEN -share * ln(share) WHEN share = 0 THEN 0.0 END) OVER (
        PARTITION BY conversation_id, nth ORDER BY speaker_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) / nullif(ln(speakers), 0) AS balance
FROM known
