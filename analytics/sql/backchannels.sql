-- One row per backchannel: a listener says that they are listening, and leaves the floor where it is.
--
-- start_s, duration_s: seconds, from the earliest start in the conversation. speaker_id: who says it;
-- to_speaker_id: who has the floor. act: of its first turn. overlapped: somebody is speaking when it
-- begins.
--
-- Source: speech_units, where it says which units are backchannels; those that follow the speaker's
-- own unit on the floor, or nobody's, are none.

SELECT
    conversation_id, unit, start_s, duration_s, speaker_id, held_by AS to_speaker_id,
    first_act AS act, overlapped
FROM (
    SELECT *, coalesce(max(end_us) OVER (
        PARTITION BY conversation_id ORDER BY unit ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) > start_us, false) AS overlapped
    FROM speech_units
)
WHERE backchannel AND held_by <> speaker_id
