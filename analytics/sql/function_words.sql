-- One row per turn that has words: which classes of English function words it holds.
--
-- articles, auxiliaries, conjunctions, adverbs, impersonal_pronouns, personal_pronouns, prepositions,
-- quantifiers: whether a word of that class is among its words; the lists are in this file. Words are
-- runs of letters and apostrophes, in lower case.
--
-- Source: turns. The classes: Danescu-Niculescu-Mizil et al. 2012, "Echoes of power"; the lists, ours.

WITH spoken AS (
    SELECT conversation_id, turn, list_distinct(regexp_extract_all(lower(text), '[a-z'']+')) AS words
    FROM turns
)
SELECT
    conversation_id, turn,
    list_has_any(words, ['a', 'an', 'the']) AS articles,
    list_has_any(words, ['am', 'is', 'are', 'was', 'were', 'be', 'been', 'being', 'do', 'does', 'did',
        'have', 'has', 'had', 'can', 'could', 'will', 'would', 'shall', 'should', 'may', 'might',
        'must', 'i''m', 'it''s', 'that''s', 'don''t', 'i''ve', 'you''re', 'we''re', 'they''re',
        'i''ll', 'can''t', 'didn''t', 'isn''t', 'doesn''t', 'won''t']) AS auxiliaries,
    list_has_any(words, ['and', 'but', 'or', 'nor', 'so', 'because', 'if', 'when', 'while', 'although',
        'though', 'unless', 'until', 'whether', 'as', 'than']) AS conjunctions,
    list_has_any(words, ['just', 'really', 'very', 'too', 'also', 'now', 'then', 'there', 'here',
        'well', 'even', 'only', 'still', 'again', 'already', 'maybe', 'probably', 'actually', 'never',
        'always', 'ever', 'about', 'almost', 'often', 'quite']) AS adverbs,
    list_has_any(words, ['it', 'it''s', 'its', 'this', 'that', 'that''s', 'these', 'those', 'what',
        'which', 'who', 'something', 'anything', 'nothing', 'everything', 'someone', 'anyone',
        'everyone', 'other', 'another', 'one']) AS impersonal_pronouns,
    list_has_any(words, ['i', 'i''m', 'i''ve', 'i''ll', 'me', 'my', 'mine', 'you', 'you''re', 'your',
        'yours', 'he', 'him', 'his', 'she', 'her', 'hers', 'we', 'we''re', 'us', 'our', 'ours',
        'they', 'they''re', 'them', 'their', 'theirs']) AS personal_pronouns,
    list_has_any(words, ['of', 'in', 'to', 'for', 'with', 'on', 'at', 'from', 'by', 'into', 'over',
        'after', 'under', 'through', 'between', 'before', 'without', 'off', 'up', 'down', 'out',
        'around', 'during', 'against', 'like']) AS prepositions,
    list_has_any(words, ['all', 'some', 'any', 'many', 'much', 'more', 'most', 'few', 'less', 'lot',
        'lots', 'each', 'every', 'both', 'several', 'enough', 'bit', 'none', 'half']) AS quantifiers
FROM spoken WHERE len(words) > 0
