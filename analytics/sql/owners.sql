-- One row per conversation that was opened or forked by a key: whose it is.
--
-- Order: conversation_id
--
-- owner: the id of the key. A fork belongs to whoever forked it, not to the owner of its source.
--
-- Source: the events of type started and forked, of which the last counts.

SELECT conversation_id, owner
FROM (
    SELECT conversation_id, arg_max_null(try_cast(data AS JSON) ->> 'owner', version) AS owner
    FROM events WHERE type IN ('started', 'forked') GROUP BY conversation_id
)
WHERE owner IS NOT NULL
