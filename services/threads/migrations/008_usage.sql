-- How much each person has stored: the bytes of what they wrote and 200 for each event, as services/threads/quota.py
-- explains. Counted with the search index, so that an append writes no row more.
CREATE TABLE usage (
    user_id bigint PRIMARY KEY,
    bytes bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX usage_by_bytes ON usage (bytes);
INSERT INTO usage (user_id, bytes)
SELECT sender_id, sum(octet_length(body) + 200) FROM events GROUP BY sender_id;
-- Without what the search index has yet to read, since that is counted with it.
UPDATE usage SET bytes = usage.bytes - waiting.bytes
FROM (
    SELECT e.sender_id, sum(octet_length(e.body) + 200) AS bytes
    FROM outbox AS o CROSS JOIN indexing AS i
    CROSS JOIN LATERAL unnest(o.threads, o.firsts, o.heads) AS grown (thread_id, first, head)
    JOIN events AS e ON e.thread_id = grown.thread_id AND e.seq BETWEEN grown.first AND grown.head
    WHERE NOT pg_visible_in_snapshot(o.xid, i.done)
    GROUP BY e.sender_id
) AS waiting
WHERE usage.user_id = waiting.sender_id;
