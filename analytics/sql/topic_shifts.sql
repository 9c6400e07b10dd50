-- One row per change of topic: from what to what, when, and who made it.
--
-- turn, at_s, speaker_id: the first turn about the new topic, its start in seconds from the earliest
--   start in the conversation, its speaker. after_s: how long the old topic lasted.
-- returns: the new topic had been left before.
--
-- Source: topics and turns.

SELECT
    s.conversation_id, s.first_turn AS turn, t.start_s AS at_s, t.speaker_id, s.from_topic_id,
    s.from_topic, s.topic_id AS to_topic_id, s.topic AS to_topic, s.after_s, s.returns
FROM (
    SELECT
        *, lag(topic_id) OVER w AS from_topic_id, lag(topic) OVER w AS from_topic,
        lag(end_s - start_s) OVER w AS after_s
    FROM topics WINDOW w AS (PARTITION BY conversation_id ORDER BY segment)
) AS s
JOIN turns AS t ON t.conversation_id = s.conversation_id AND t.turn = s.first_turn
WHERE s.segment > 1
