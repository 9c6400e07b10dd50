-- One row per match of a regular expression over a conversation, written with one letter a turn.
--
-- Parameters: pattern := 'Q.*?A', alphabet := 'act'
--
-- pattern: RE2, as in DuckDB's regexp_matches; matches do not overlap, and the leftmost comes first.
-- alphabet: act, mood, emotion or speaker, the columns of letters.
-- first_turn, last_turn: turn numbers of the match. turns: its length. letters: what matched.
-- Empty matches are left out.
--
-- Source: letters.

WITH numbered AS (
    SELECT
        conversation_id, turn, row_number() OVER (PARTITION BY conversation_id ORDER BY turn) AS nth,
        CASE alphabet WHEN 'mood' THEN mood WHEN 'emotion' THEN emotion
            WHEN 'speaker' THEN speaker WHEN 'act' THEN act END AS letter
    FROM letters
),
written AS (
    SELECT conversation_id, string_agg(letter, '' ORDER BY nth) AS line
    FROM numbered GROUP BY conversation_id
),
-- Each match between < and >, so that its place can be counted.
marked AS (
    SELECT conversation_id, string_split(regexp_replace(line, pattern, '<\0>', 'g'), '<') AS parts
    FROM written WHERE regexp_matches(line, pattern)
),
pieces AS (
    SELECT conversation_id, unnest(parts) AS piece, generate_subscripts(parts, 1) AS i FROM marked
),
placed AS (
    SELECT
        conversation_id, i, split_part(piece, '>', 1) AS letters,
        sum(len(replace(piece, '>', ''))) OVER (
            PARTITION BY conversation_id ORDER BY i ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )::BIGINT AS before
    FROM pieces
)
SELECT
    p.conversation_id, f.turn AS first_turn, l.turn AS last_turn, len(letters) AS turns, letters
FROM placed AS p
JOIN numbered AS f ON f.conversation_id = p.conversation_id AND f.nth = before + 1
JOIN numbered AS l ON l.conversation_id = p.conversation_id AND l.nth = before + len(letters)
WHERE i > 1 AND letters <> ''
