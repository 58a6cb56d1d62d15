-- token_hash: SHA-256 of the token in the link, which is stored nowhere. game: JSON of an InvitedGame; NULL: to a chat.
-- Rows are kept for a while when they are over, so that who comes late is told why.
CREATE TABLE invites (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    inviter bigint NOT NULL REFERENCES users,
    game text,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    used_by bigint REFERENCES users,
    taken_back_at timestamptz,
    CHECK ((used_at IS NULL) = (used_by IS NULL)),
    CHECK (used_at IS NULL OR taken_back_at IS NULL)
);
CREATE INDEX invites_open ON invites (inviter, created_at) WHERE used_at IS NULL AND taken_back_at IS NULL;
CREATE INDEX invites_expired ON invites (expires_at);
