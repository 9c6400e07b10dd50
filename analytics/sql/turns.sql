-- One row per turn, as the record has it now: what opened it, and what became of it.
--
-- kind: heard (somebody else said it, we were told) or spoken (we said it).
-- status: begun, completed, interrupted or failed; completed and interrupted later is interrupted.
-- role, n_words: the speaker's role when they last joined; words of `text`, told by white space.
-- heard_text: what reached its listeners; of an interrupted turn a part, of a failed one nothing.
-- started_at, ended_at (UTC): of a turn heard, as we were told, else when; of one spoken, from its
--   durable beginning to the end of its sound, played as it came; null while it is being spoken.
-- start_s, end_s: the same in seconds from the earliest start in the conversation.
-- duration_s: seconds of speech that sounded, of an interrupted turn what was played; null where
--   it is not known.
-- audio, audio_s: content hash and seconds of the samples that are kept, played or not.
-- response_gap_ms: the pause before the turn that was suggested to the client.
-- begun_ms, first_audio_ms, synthesised_ms: from the arrival of the request.
-- copied: a fork brought it along; count it once, in the conversation where it happened.
-- cause, cut_by, unheard_text: of an interruption: why, by whom, and the words that nobody heard.
-- act: the dialogue act, as it was recorded; act_letter: its class (docs/analytics.md, "alphabet"):
--   Q question, A answer, S statement, B backchannel, D directive, C commitment or suggestion,
--   G greeting or closing, T thanks, P apology, F holding or taking the floor, O other; _ unknown.
-- topic_id, topic: what it was about. valence, arousal (-1 to 1), emotion, confidence (0 to 1): how
--   it was meant.
-- speech_start_us, speech_end_us: between which it sounded, in whole microseconds from the earliest
--   start in the conversation, so that ties are ties; null where duration_s is null or 0.
-- planned_pitch_st, planned_rate, planned_loudness_db, planned_range (times the voice's own): what the
--   direction asked of the voice, the mean of its phrases weighted by their characters.
-- planned_pauses_s: the sum of the pauses between its phrases. planned_final_st: semitones by which F0
--   was to move at its end; null where that was left to the voice.
-- f0_median_hz, f0_range_st, f0_final_slope (semitones), loudness_lufs, rate_syll_s (syllables a
--   second), pauses_s: what was measured in the sound, where it was.
-- What the events do not carry is null.
--
-- Order: conversation_id, turn, turn_id
--
-- Source: turn_events, and the participant_joined events. A turn that failed and was taken up again
-- is one row: the last attempt.

WITH last_opening AS (
    SELECT conversation_id, turn_id, max(opening) AS opening FROM turn_events GROUP BY ALL
),
closed AS (
    SELECT
        conversation_id, turn_id, opening,
        max_by({
            'type': type, 'turn': turn, 'speaker_id': speaker_id, 'text': text,
            'heard_at': heard_at, 'started_at': started_at, 'ended_at': ended_at,
            'begun_at': begun_at, 'voice': voice, 'engine': engine,
            'response_gap_ms': response_gap_ms, 'act': act, 'affect': affect, 'topic': topic,
            'topic_id': topic_id, 'phrases': phrases, 'features': features, 'copied': copied
        }, version) FILTER (type IN ('turn_heard', 'turn_begun')) AS o,
        max_by({
            'audio': audio, 'duration_s': duration_s, 'begun_ms': begun_ms,
            'first_audio_ms': first_audio_ms, 'synthesised_ms': synthesised_ms, 'features': features
        }, version) FILTER (type = 'turn_completed') AS c,
        max_by({
            'audio': audio, 'duration_s': duration_s, 'audio_played_ms': audio_played_ms,
            'cause': cause, 'by': "by", 'heard_text': heard_text, 'unheard_text': unheard_text,
            'features': features
        }, version) FILTER (type = 'turn_interrupted') AS i,
        max_by({'failed_at': failed_at}, version) FILTER (type = 'turn_failed') AS f,
        max_by({'act': act, 'affect': affect, 'topic': topic, 'topic_id': topic_id}, version)
            FILTER (type = 'turn_extended') AS x,
        string_agg(text, '' ORDER BY version) FILTER (type = 'turn_extended') AS more,
        flatten(list(phrases ORDER BY version) FILTER (type = 'turn_extended')) AS more_phrases
    FROM turn_events SEMI JOIN last_opening USING (conversation_id, turn_id, opening)
    GROUP BY ALL
),
-- A turn that was dictated piece by piece is all of its pieces, read as at the last of them.
opened AS (
    SELECT * REPLACE (
        CASE WHEN x IS NULL THEN o ELSE struct_update(
            o, text := o.text || more, phrases := list_concat(o.phrases, more_phrases),
            act := x.act, affect := x.affect, topic := x.topic, topic_id := x.topic_id
        ) END AS o
    ) FROM closed
),
joined AS (
    SELECT
        conversation_id, data ->> 'participant_id' AS speaker_id,
        max_by(coalesce(data ->> 'role', 'agent'), version) AS role
    FROM events WHERE type = 'participant_joined' AND json_valid(data) GROUP BY ALL
),
told AS (
    SELECT
        conversation_id, turn_id, o, i, c, o.type = 'turn_heard' AS heard,
        CASE
            WHEN i IS NOT NULL THEN 'interrupted'
            WHEN c IS NOT NULL OR heard THEN 'completed'
            WHEN f IS NOT NULL THEN 'failed'
            ELSE 'begun'
        END AS status,
        CASE WHEN heard THEN coalesce(o.started_at, o.heard_at) ELSE o.begun_at END AS started_at,
        CASE
            -- Not greatest(0, …): it would pass over the null that an unknown time makes.
            WHEN heard AND o.ended_at < o.started_at THEN 0
            WHEN heard THEN (epoch_us(o.ended_at) - epoch_us(o.started_at)) / 1e6
            WHEN i IS NOT NULL THEN i.audio_played_ms / 1000
            ELSE c.duration_s
        END AS duration_s,
        CASE
            WHEN heard THEN coalesce(o.ended_at, o.heard_at)
            WHEN status = 'failed' THEN f.failed_at
            WHEN status <> 'begun' THEN make_timestamp(epoch_us(o.begun_at) + CAST(
                coalesce(c.first_audio_ms, 0) * 1000 + coalesce(duration_s, 0) * 1e6 AS BIGINT
            ))
        END AS ended_at
    FROM opened
)
SELECT
    t.conversation_id, o.turn AS turn, turn_id, o.speaker_id AS speaker_id, role,
    CASE WHEN heard THEN 'heard' ELSE 'spoken' END AS kind, status, o.text AS text,
    CASE status WHEN 'interrupted' THEN i.heard_text WHEN 'completed' THEN o.text ELSE '' END
        AS heard_text,
    -- All that Python's split() takes for white space; \s is less.
    len(regexp_extract_all(o.text, '[^\s\x{0B}\x{1C}-\x{1F}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}'
        '\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]+')) AS n_words,
    started_at, ended_at,
    (epoch_us(started_at) - epoch_us(first)) / 1e6 AS start_s,
    (epoch_us(ended_at) - epoch_us(first)) / 1e6 AS end_s,
    duration_s, o.voice AS voice, o.engine AS engine, o.response_gap_ms AS response_gap_ms,
    c.begun_ms AS begun_ms, c.first_audio_ms AS first_audio_ms,
    c.synthesised_ms AS synthesised_ms,
    CASE WHEN c IS NOT NULL THEN c.audio ELSE i.audio END AS audio,
    CASE WHEN c IS NOT NULL THEN c.duration_s ELSE i.duration_s END AS audio_s,
    o.copied AS copied,
    i.cause AS cause, i."by" AS cut_by, i.unheard_text AS unheard_text,
    o.act AS act,
    -- The names of this project and, in short, the tags of MRDA, of which the first part counts.
    CASE
        WHEN o.act IS NULL OR o.act = '' THEN '_'
        WHEN regexp_matches(o.act, 'question') OR regexp_matches(o.act, '^q[a-z]*($|[\^|.:])') THEN 'Q'
        WHEN regexp_matches(o.act, 'answer|^(yes|no|accept|reject|agree|disagree)')
            OR regexp_matches(o.act, '^s\^(aa|aap|ar|arp|na|nd|ng|no)($|[\^|.:])') THEN 'A'
        WHEN regexp_matches(o.act, 'backchannel|acknowledg') OR regexp_matches(o.act, '^(b|bk|s\^bk)($|[\^|.:])')
            THEN 'B'
        WHEN regexp_matches(o.act, 'directive|request|command|instruction')
            OR regexp_matches(o.act, '^s\^co($|[\^|.:])') THEN 'D'
        WHEN regexp_matches(o.act, 'commissive|offer|promise|suggest')
            OR regexp_matches(o.act, '^s\^(cc|cs)($|[\^|.:])') THEN 'C'
        WHEN regexp_matches(o.act, 'greeting|closing|farewell|goodbye') THEN 'G'
        WHEN regexp_matches(o.act, 'thank') OR regexp_matches(o.act, '^s\^ft($|[\^|.:])') THEN 'T'
        WHEN regexp_matches(o.act, 'apolog') OR regexp_matches(o.act, '^s\^fa($|[\^|.:])') THEN 'P'
        WHEN regexp_matches(o.act, 'floor') OR regexp_matches(o.act, '^(fh|fg|h)($|[\^|.:])') THEN 'F'
        WHEN regexp_matches(o.act, 'statement|inform|opinion') OR regexp_matches(o.act, '^s($|[\^|.:])')
            THEN 'S'
        ELSE 'O'
    END AS act_letter,
    o.topic_id AS topic_id, o.topic AS topic,
    o.affect.valence AS valence, o.affect.arousal AS arousal, o.affect.category AS emotion,
    o.affect.confidence AS confidence,
    CASE WHEN duration_s > 0
        THEN epoch_us(ended_at) - epoch_us(first) - CAST(duration_s * 1e6 AS BIGINT)
    END AS speech_start_us,
    CASE WHEN duration_s > 0 THEN epoch_us(ended_at) - epoch_us(first) END AS speech_end_us,
    list_sum(list_transform(o.phrases, lambda p: len(p.text) * coalesce(p.pitch, 0))) / letters
        AS planned_pitch_st,
    list_sum(list_transform(o.phrases, lambda p: len(p.text) * coalesce(p.speed, 1))) / letters
        AS planned_rate,
    list_sum(list_transform(o.phrases, lambda p: len(p.text) * coalesce(p.loudness, 0))) / letters
        AS planned_loudness_db,
    list_sum(list_transform(o.phrases, lambda p: len(p.text) * coalesce(p.pitch_range, 1))) / letters
        AS planned_range,
    CASE WHEN o.phrases IS NOT NULL
        THEN coalesce(list_sum(list_transform(o.phrases[:-2], lambda p: coalesce(p.pause_after_s, 0))), 0)
    END AS planned_pauses_s,
    o.phrases[-1].final AS planned_final_st,
    unnest(coalesce(c.features, i.features, o.features))
FROM (
    SELECT
        *, min(started_at) OVER (PARTITION BY conversation_id) AS first,
        nullif(list_sum(list_transform(o.phrases, lambda p: len(p.text))), 0) AS letters
    FROM told
) AS t
LEFT JOIN joined AS j ON j.conversation_id = t.conversation_id AND j.speaker_id = t.o.speaker_id
