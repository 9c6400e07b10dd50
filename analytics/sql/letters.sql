-- One row per turn: a letter for what it does, how it feels, what it feels, and who speaks it.
--
-- act: see turns, act_letter; _ is unknown. mood: N, valence below -0.05; P, above 0.05; o between.
-- emotion: n neutral, j joy, s sadness, a anger, f fear, u surprise, d disgust, x another.
-- speaker: a is whoever speaks first, b the next one, …; after z comes z.
-- _ wherever it is not known.
--
-- Source: turns.

SELECT
    conversation_id, turn, speaker_id, act_letter AS act,
    CASE WHEN valence < -0.05 THEN 'N' WHEN valence > 0.05 THEN 'P' WHEN valence IS NULL THEN '_'
        ELSE 'o' END AS mood,
    CASE emotion WHEN 'neutral' THEN 'n' WHEN 'joy' THEN 'j' WHEN 'sadness' THEN 's'
        WHEN 'anger' THEN 'a' WHEN 'fear' THEN 'f' WHEN 'surprise' THEN 'u' WHEN 'disgust' THEN 'd'
        ELSE CASE WHEN emotion IS NULL THEN '_' ELSE 'x' END END AS emotion,
    chr((96 + least(26, dense_rank() OVER (PARTITION BY conversation_id ORDER BY first)))::INTEGER)
        AS speaker
FROM (SELECT *, min(turn) OVER (PARTITION BY conversation_id, speaker_id) AS first FROM turns)
