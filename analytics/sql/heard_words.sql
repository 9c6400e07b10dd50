-- One row per turn that we finished or were cut short in: which of its words reached the listener.
--
-- words: of its text. heard, unheard: of them, as the interruption recorded them; without one, all
--   were heard. heard_share: heard by words; null for a turn of none. cause: of the interruption.
-- unheard_text: the words that nobody heard. Words are told by white space.
--
-- Source: turns of the kind spoken, with the status completed or interrupted. What a fork copied counts
-- where it happened.

SELECT
    conversation_id, turn, turn_id, speaker_id, status, n_words AS words,
    n_words - unheard AS heard, unheard, (n_words - unheard) / nullif(n_words, 0) AS heard_share,
    cause, unheard_text
FROM (
    SELECT *, CASE WHEN status = 'interrupted' THEN least(n_words, len(regexp_extract_all(
        unheard_text, '[^\s\x{0B}\x{1C}-\x{1F}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}'
        '\x{202F}\x{205F}\x{3000}]+'))) ELSE 0 END AS unheard
    FROM turns WHERE kind = 'spoken' AND status IN ('completed', 'interrupted') AND NOT copied
)
