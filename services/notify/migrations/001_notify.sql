-- Where pushes to a device go. A session has one at most, which ends with it.
CREATE TABLE subscriptions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session uuid NOT NULL UNIQUE,
    user_id bigint NOT NULL,
    endpoint text COLLATE "C" NOT NULL UNIQUE,
    host text NOT NULL,
    public_key bytea NOT NULL CHECK (octet_length(public_key) = 65),
    secret bytea NOT NULL CHECK (octet_length(secret) = 16),
    hide_text boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX subscriptions_of_user ON subscriptions (user_id, id);

-- What a device is to be told of a thread, and was. seq, what, at: the latest event that it is to be told of. told: the
-- last one that it was, or need not be. due_at: when to try; NULL while there is nothing to tell. latest_due_at: the same
-- for the latest event alone, in case it came while an earlier one was on its way. failures: in a row.
CREATE TABLE notices (
    subscription bigint NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    thread bigint NOT NULL,
    peer bigint NOT NULL,
    peer_name text NOT NULL,
    host text NOT NULL,
    what text NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    told bigint NOT NULL DEFAULT 0,
    due_at timestamptz,
    latest_due_at timestamptz NOT NULL,
    failures int NOT NULL DEFAULT 0,
    PRIMARY KEY (subscription, thread)
) WITH (fillfactor = 70);
CREATE INDEX notices_due ON notices (host, due_at) WHERE due_at IS NOT NULL;

-- How far the log of all threads is read: everything before is in notices, or concerned no device.
CREATE TABLE reading (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position text NOT NULL DEFAULT ''
);
INSERT INTO reading DEFAULT VALUES;
