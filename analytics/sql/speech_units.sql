-- One row per speech unit (inter-pausal unit): a maximal stretch of one speaker's speech in which no
-- silence lasts longer than 200 ms.
--
-- unit: its number in the conversation, from 1: the earlier first, then the longer, then by speaker.
-- start_s, end_s, duration_s: seconds, from the earliest start in the conversation.
-- start_us, end_us: the same in whole microseconds, in which thresholds are compared.
-- turns, n_words, first_turn, last_turn, first_act, last_act: what was said in it, by start.
-- backchannel: it lasts 1 s at most, and every turn in it is a backchannel: by its act or, where no
--   act is known, because it has no other words than: uh-huh, mm, mhm, hm, yeah, yep, yes, right,
--   okay, ok, sure, oh, ah, uh, huh, wow, really, I see.
-- takes_floor: it is no backchannel, and no unit before it that is none lasts until its end or longer.
-- held_by: whose unit took the floor last before it.
--
-- Source: turns of which is known when they sounded. Inter-pausal units at 200 ms: Koiso et al. 1998.

WITH speech AS (
    SELECT
        conversation_id, turn, speaker_id, speech_start_us, speech_end_us, act, n_words,
        CASE
            WHEN act IS NOT NULL THEN act_letter = 'B'
            WHEN n_words > 4 THEN false
            ELSE regexp_full_match(lower(text), '((uh[- ]?huh|m+|mm[- ]?hmm?|mhm+|hm+|yeah|yep|yes|'
                'right|okay|ok|sure|oh|ah|uh|huh|wow|really|i see)[\s.,!?=-]*)+')
        END AS listening
    FROM turns WHERE speech_end_us > speech_start_us
),
ordered AS (
    SELECT
        *, row_number() OVER own AS nth,
        max(speech_end_us) OVER (own ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            AS spoken_until
    FROM speech
    WINDOW own AS (
        PARTITION BY conversation_id, speaker_id ORDER BY speech_start_us, speech_end_us, turn
    )
),
grouped AS (
    SELECT
        *, count(*) FILTER (spoken_until IS NULL OR speech_start_us - spoken_until > 200_000) OVER (
            PARTITION BY conversation_id, speaker_id ORDER BY nth
        ) AS stretch
    FROM ordered
),
units AS (
    SELECT
        conversation_id, speaker_id, min(speech_start_us) AS start_us, max(speech_end_us) AS end_us,
        count(*) AS turns, sum(n_words)::BIGINT AS n_words,
        arg_min(turn, nth) AS first_turn, arg_max(turn, nth) AS last_turn,
        arg_min_null(act, nth) AS first_act, arg_max_null(act, nth) AS last_act,
        bool_and(listening) AND max(speech_end_us) - min(speech_start_us) <= 1_000_000 AS backchannel
    FROM grouped GROUP BY conversation_id, speaker_id, stretch
),
numbered AS (
    SELECT
        *, row_number() OVER (
            PARTITION BY conversation_id ORDER BY start_us, end_us DESC, speaker_id
        ) AS unit
    FROM units
),
placed AS (
    SELECT
        *, NOT backchannel AND end_us > coalesce(max(end_us) FILTER (NOT backchannel) OVER (
            PARTITION BY conversation_id ORDER BY unit
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), -1) AS takes_floor
    FROM numbered
)
SELECT
    conversation_id, unit, speaker_id, start_us / 1e6 AS start_s, end_us / 1e6 AS end_s,
    (end_us - start_us) / 1e6 AS duration_s, turns, n_words, first_turn, last_turn,
    first_act, last_act, backchannel, takes_floor,
    last_value(CASE WHEN takes_floor THEN speaker_id END IGNORE NULLS) OVER (
        PARTITION BY conversation_id ORDER BY unit ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS held_by,
    start_us, end_us
FROM placed
