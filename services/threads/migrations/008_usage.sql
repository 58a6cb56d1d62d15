-- How much each person has stored: the bytes of what they wrote and 200 for each event, as services/threads/quota.py
-- explains. Counted with the search index, so that an append writes no row more.
CREATE TABLE usage (
    user_id bigint PRIMARY KEY,
    bytes bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX usage_by_bytes ON usage (bytes);
INSERT INTO usage (user_id, bytes)
SELECT sender_id, sum(octet_length(body) + 200) FROM events GROUP BY sender_id;
