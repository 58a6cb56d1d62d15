CREATE TABLE IF NOT EXISTS accounts (id bigserial PRIMARY KEY, username text NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS sessions (token text PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts);
CREATE TABLE IF NOT EXISTS threads (
    id bigserial PRIMARY KEY,
    low bigint NOT NULL REFERENCES accounts,
    high bigint NOT NULL REFERENCES accounts,
    UNIQUE (low, high)
);
CREATE TABLE IF NOT EXISTS messages (
    id bigserial PRIMARY KEY,
    thread_id bigint NOT NULL REFERENCES threads,
    sender_id bigint NOT NULL REFERENCES accounts,
    client_id uuid NOT NULL,
    text text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS messages_of_thread ON messages (thread_id, id);
