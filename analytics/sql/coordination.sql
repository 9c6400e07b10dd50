-- One row per conversation, pair of speakers and class of function words: whether one takes up how the
-- other speaks.
--
-- speaker_id replies to target_id: their turn comes directly after one of the target's, and both have
-- words. replies: how often. prompted: replies to turns that hold the class. echoed: those of them that
-- hold it too. own: replies that hold it.
-- coordination: echoed by prompted, less own by replies; above 0 if the class is used oftener after it
-- was used. Null where nothing was prompted.
--
-- Source: turns and function_words. Danescu-Niculescu-Mizil et al. 2012, as in ConvoKit.

WITH pairs AS (
    SELECT
        conversation_id, turn, speaker_id, lag(turn) OVER w AS before, lag(speaker_id) OVER w AS target_id
    FROM turns WINDOW w AS (PARTITION BY conversation_id ORDER BY turn)
),
classes AS (
    SELECT
        p.conversation_id, p.speaker_id, p.target_id, count(*) AS replies,
        count(*) FILTER (t.articles) AS articles_prompted,
        count(*) FILTER (t.articles AND r.articles) AS articles_echoed, count(*) FILTER (r.articles) AS articles_own,
        count(*) FILTER (t.auxiliaries) AS auxiliaries_prompted,
        count(*) FILTER (t.auxiliaries AND r.auxiliaries) AS auxiliaries_echoed, count(*) FILTER (r.auxiliaries) AS auxiliaries_own,
        count(*) FILTER (t.conjunctions) AS conjunctions_prompted,
        count(*) FILTER (t.conjunctions AND r.conjunctions) AS conjunctions_echoed, count(*) FILTER (r.conjunctions) AS conjunctions_own,
        count(*) FILTER (t.adverbs) AS adverbs_prompted,
        count(*) FILTER (t.adverbs AND r.adverbs) AS adverbs_echoed, count(*) FILTER (r.adverbs) AS adverbs_own,
        count(*) FILTER (t.impersonal_pronouns) AS impersonal_pronouns_prompted,
        count(*) FILTER (t.impersonal_pronouns AND r.impersonal_pronouns) AS impersonal_pronouns_echoed, count(*) FILTER (r.impersonal_pronouns) AS impersonal_pronouns_own,
        count(*) FILTER (t.personal_pronouns) AS personal_pronouns_prompted,
        count(*) FILTER (t.personal_pronouns AND r.personal_pronouns) AS personal_pronouns_echoed, count(*) FILTER (r.personal_pronouns) AS personal_pronouns_own,
        count(*) FILTER (t.prepositions) AS prepositions_prompted,
        count(*) FILTER (t.prepositions AND r.prepositions) AS prepositions_echoed, count(*) FILTER (r.prepositions) AS prepositions_own,
        count(*) FILTER (t.quantifiers) AS quantifiers_prompted,
        count(*) FILTER (t.quantifiers AND r.quantifiers) AS quantifiers_echoed, count(*) FILTER (r.quantifiers) AS quantifiers_own
    FROM pairs AS p
    JOIN function_words AS r ON r.conversation_id = p.conversation_id AND r.turn = p.turn
    JOIN function_words AS t ON t.conversation_id = p.conversation_id AND t.turn = p.before
    WHERE p.speaker_id <> p.target_id
    GROUP BY p.conversation_id, p.speaker_id, p.target_id
),
rows AS (
    SELECT conversation_id, speaker_id, target_id, replies, unnest([
        {class: 'articles', prompted: articles_prompted,
            echoed: articles_echoed, own: articles_own},
        {class: 'auxiliaries', prompted: auxiliaries_prompted,
            echoed: auxiliaries_echoed, own: auxiliaries_own},
        {class: 'conjunctions', prompted: conjunctions_prompted,
            echoed: conjunctions_echoed, own: conjunctions_own},
        {class: 'adverbs', prompted: adverbs_prompted,
            echoed: adverbs_echoed, own: adverbs_own},
        {class: 'impersonal_pronouns', prompted: impersonal_pronouns_prompted,
            echoed: impersonal_pronouns_echoed, own: impersonal_pronouns_own},
        {class: 'personal_pronouns', prompted: personal_pronouns_prompted,
            echoed: personal_pronouns_echoed, own: personal_pronouns_own},
        {class: 'prepositions', prompted: prepositions_prompted,
            echoed: prepositions_echoed, own: prepositions_own},
        {class: 'quantifiers', prompted: quantifiers_prompted,
            echoed: quantifiers_echoed, own: quantifiers_own}
    ], recursive := true)
    FROM classes
)
SELECT
    conversation_id, speaker_id, target_id, class, replies, prompted, echoed, own,
    echoed / nullif(prompted, 0) - own / replies AS coordination
FROM rows
