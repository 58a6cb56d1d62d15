-- whole, small: the keys of the blobs. received: bytes that were uploaded, digest: theirs, to know a repeat by.
-- size: bytes of the whole blob; small_size of the small one; stored: of all blobs as they lie in the store.
-- claimed_at: when a message was last about to name it; from then on the peer may read it. named: some message does.
CREATE TABLE attachments (
    id text PRIMARY KEY,
    owner bigint NOT NULL,
    peer bigint NOT NULL,
    client_id uuid NOT NULL,
    digest bytea NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    whole text NOT NULL,
    size bigint NOT NULL,
    small text,
    small_size bigint,
    width int,
    height int,
    thumb text,
    duration double precision,
    stored bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    claimed_at timestamptz,
    named boolean NOT NULL DEFAULT false,
    UNIQUE (owner, client_id)
);
CREATE INDEX attachments_stored ON attachments (owner) INCLUDE (stored);
CREATE INDEX attachments_unnamed ON attachments (created_at) WHERE NOT named;

-- Which messages name which, as the log says; an attachment goes with the last of them.
CREATE TABLE names (
    thread bigint NOT NULL,
    seq bigint NOT NULL,
    attachment text NOT NULL REFERENCES attachments ON DELETE CASCADE,
    PRIMARY KEY (thread, seq, attachment)
);
CREATE INDEX names_of ON names (attachment);

-- Deletions of messages that nothing is known of: they may have been deleted before the log was read, and then it says no
-- more what they named. What their senders had claimed by then, and no message names, goes a little later.
CREATE TABLE doubts (
    owner bigint NOT NULL,
    peer bigint NOT NULL,
    at timestamptz NOT NULL
);

-- Blobs that no attachment has: those on their way in, and those on their way out. They are deleted when they are due.
CREATE TABLE loose (
    key text PRIMARY KEY,
    due timestamptz NOT NULL
);
CREATE INDEX loose_due ON loose (due);

-- What was uploaded in the last 24 hours, whether it is still there or not.
CREATE TABLE received (
    owner bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    bytes bigint NOT NULL
);
CREATE INDEX received_of ON received (owner, at);
CREATE INDEX received_by_age ON received (at);

-- How far the log of threads is followed, and the name of the key that blobs were last sealed with. One row.
CREATE TABLE installation (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    sealed_with bytea,
    position text
);
INSERT INTO installation DEFAULT VALUES;
