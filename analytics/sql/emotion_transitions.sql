-- One row per pair of emotions that follow one another: how often, and how much oftener than by chance.
--
-- emotion, next_emotion: of the two turns. link, n, p, lift, pmi: see transitions.
--
-- Source: transitions.

SELECT link, before AS emotion, after AS next_emotion, n, p, lift, pmi
FROM transitions(reading := 'emotion')
