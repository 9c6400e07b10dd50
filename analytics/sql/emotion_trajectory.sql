-- One row per turn whose affect is known: how its speaker's mood moves.
--
-- Parameters: half_life_s := 5
--
-- start_s: seconds from the earliest start in the conversation; turns are taken in its order, then by
--   number. valence, arousal, emotion: as recorded.
-- valence_decayed, arousal_decayed: the mean over this and the speaker's earlier turns, each weighted
--   by a half for every half_life_s that it began before this one.
-- d_valence: against the speaker's own previous turn. own_shift: whether its emotion was another;
--   cross_shift: the same against the turn before, if that was another speaker's. Null where there is
--   none to compare.
--
-- Source: turns. The weights are computed exactly: two neighbouring blocks of 400 half-lives hold all
-- that a double can tell apart.

WITH felt AS (
    SELECT
        conversation_id, turn, speaker_id, start_s, valence, arousal, emotion,
        row_number() OVER (PARTITION BY conversation_id ORDER BY start_s, turn) AS nth,
        floor(start_s / (400.0 * half_life_s))::BIGINT AS block,
        pow(2.0, start_s / half_life_s - 400.0 * floor(start_s / (400.0 * half_life_s))) AS weight
    FROM turns WHERE valence IS NOT NULL
),
blocks AS (
    SELECT
        conversation_id, speaker_id, block + 1 AS block,
        list_sum(list(weight ORDER BY nth)) * pow(2.0, -400.0) AS weight,
        list_sum(list(weight * valence ORDER BY nth)) * pow(2.0, -400.0) AS valence,
        list_sum(list(weight * arousal ORDER BY nth)) * pow(2.0, -400.0) AS arousal
    FROM felt GROUP BY conversation_id, speaker_id, felt.block
)
SELECT
    f.conversation_id, turn, f.speaker_id, start_s, f.valence, f.arousal, emotion,
    (sum(f.weight * f.valence) OVER so_far + coalesce(b.valence, 0))
        / (sum(f.weight) OVER so_far + coalesce(b.weight, 0)) AS valence_decayed,
    (sum(f.weight * f.arousal) OVER so_far + coalesce(b.arousal, 0))
        / (sum(f.weight) OVER so_far + coalesce(b.weight, 0)) AS arousal_decayed,
    f.valence - lag(f.valence) OVER own AS d_valence,
    emotion <> lag(emotion) OVER own AS own_shift,
    CASE WHEN lag(f.speaker_id) OVER of_all <> f.speaker_id
        THEN emotion <> lag(emotion) OVER of_all END AS cross_shift
FROM felt AS f
LEFT JOIN blocks AS b ON b.conversation_id = f.conversation_id
    AND b.speaker_id = f.speaker_id AND b.block = f.block
WINDOW
    so_far AS (
        PARTITION BY f.conversation_id, f.speaker_id, f.block ORDER BY nth
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ),
    own AS (PARTITION BY f.conversation_id, f.speaker_id ORDER BY nth),
    of_all AS (PARTITION BY f.conversation_id ORDER BY nth)
