-- words: every word of the message once for each member, as `<user id>/<word>`, so that a search walks through
-- the searcher's own hits only, also for the beginning of a word. Written a moment after the message.
CREATE TABLE search (
    thread_id bigint NOT NULL,
    seq bigint NOT NULL,
    created_at timestamptz NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (thread_id, seq)
);
-- A short pending list: a search reads all of it, strangers' messages too.
CREATE INDEX search_by_words ON search USING gin (words) WITH (gin_pending_list_limit = 512);

-- done: every batch of a transaction before it has been indexed.
CREATE TABLE indexing (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    done xid8 NOT NULL DEFAULT '0'
);
INSERT INTO indexing DEFAULT VALUES;
