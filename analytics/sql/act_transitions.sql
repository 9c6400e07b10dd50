-- One row per pair of acts that follow one another: how often, and how much oftener than by chance.
--
-- act, next_act: of the two turns. link, n, p, lift, pmi: see transitions.
--
-- Source: transitions.

SELECT link, before AS act, after AS next_act, n, p, lift, pmi FROM transitions(reading := 'act')
