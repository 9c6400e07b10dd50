-- One row per change of the floor from one speaker to another, and how long it took.
--
-- transfer_s: the start of the holding less the end of the one before it: the floor-transfer offset.
-- kind: gap (above 0), overlap (below 0) or seamless (0).
-- at_s: the start of the new holding, in seconds from the earliest start in the conversation.
-- from_act, to_act: acts of the last turn before and of the first turn after it.
--
-- Source: floor_turns. Definition: Heldner and Edlund 2010, "Pauses, gaps and overlaps".

SELECT
    conversation_id, floor_turn, start_us / 1e6 AS at_s, from_speaker_id, speaker_id AS to_speaker_id,
    (start_us - ended_us) / 1e6 AS transfer_s,
    CASE sign(start_us - ended_us) WHEN 1 THEN 'gap' WHEN -1 THEN 'overlap' ELSE 'seamless' END
        AS kind,
    from_act, first_act AS to_act
FROM (
    SELECT
        *, lag(end_us) OVER w AS ended_us, lag(speaker_id) OVER w AS from_speaker_id,
        lag(last_act) OVER w AS from_act
    FROM floor_turns WINDOW w AS (PARTITION BY conversation_id ORDER BY floor_turn)
)
WHERE from_speaker_id IS NOT NULL
