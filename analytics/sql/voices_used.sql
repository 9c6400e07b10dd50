-- One row per voice and engine: what was asked of it.
--
-- turns: turns spoken with it, however they ended; one taken up again counts once, where it was
--   begun last. audio_s: seconds of sound made and kept for them, played or
--   not, each to the nanosecond.
-- conversations: in how many of them it was asked to speak.
-- failures: how often speaking failed, also where the turn was taken up again and then succeeded.
--
-- Source: voice_uses. What a fork brought along counts once, where it happened.

SELECT
    voice, engine, sum(turns)::BIGINT AS turns, sum(audio_s::DECIMAL(28, 9))::DOUBLE AS audio_s,
    count(*) AS conversations, sum(failures)::BIGINT AS failures
FROM voice_uses GROUP BY voice, engine
