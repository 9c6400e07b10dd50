-- One row per day on which conversations began: what they came to. Made for a dashboard.
--
-- day: in UTC. conversations, and of them ended, abandoned and open: see conversations.
-- turns, heard, spoken, interrupted, failed; audio_s, synthesis_s, characters: sums; see sessions.
-- real_time_factor: synthesis_s by audio_s. mean_duration_s: of the conversations with turns.
--
-- Source: conversations.

SELECT
    day, count(*) AS conversations, count(*) FILTER (outcome = 'ended') AS ended,
    count(*) FILTER (outcome = 'abandoned') AS abandoned, count(*) FILTER (outcome = 'open') AS open,
    sum(turns)::BIGINT AS turns, sum(heard)::BIGINT AS heard, sum(spoken)::BIGINT AS spoken,
    sum(interrupted)::BIGINT AS interrupted, sum(failed)::BIGINT AS failed,
    sum(audio_s::DECIMAL(28, 9))::DOUBLE AS audio_s,
    sum(synthesis_s::DECIMAL(28, 9))::DOUBLE AS synthesis_s, sum(characters)::BIGINT AS characters,
    sum(synthesis_s::DECIMAL(28, 9))::DOUBLE / nullif(sum(audio_s::DECIMAL(28, 9))::DOUBLE, 0)
        AS real_time_factor,
    avg(duration_s::DECIMAL(28, 9)) AS mean_duration_s
FROM conversations GROUP BY day
