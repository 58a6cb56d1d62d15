-- Rows of users are never deleted, so a name is taken for ever.
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username text COLLATE "C" NOT NULL UNIQUE CHECK (username ~ '^[a-z0-9][a-z0-9_.-]{2,31}$'),
    display_name text NOT NULL CHECK (char_length(display_name) BETWEEN 1 AND 64),
    -- display_name as it is searched: services/auth/names.py, search_form
    name_folded text COLLATE "C" NOT NULL,
    password text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen timestamptz
) WITH (fillfactor = 80);  -- last_seen changes often: leave room for it on the page

-- The user list finds by a prefix of either name and pages by username. A prefix of the username is a range of
-- users_username_key. For the display name that order needs every prefix spelled out, else a short prefix of a
-- million names is sorted anew for each page. Prefixes that the username has as well are left out.
CREATE TABLE name_prefixes (
    prefix text COLLATE "C" NOT NULL,
    username text COLLATE "C" NOT NULL,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (prefix, username) INCLUDE (user_id)
);
CREATE INDEX name_prefixes_user ON name_prefixes (user_id);

CREATE FUNCTION spell_name_prefixes() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM name_prefixes WHERE user_id = NEW.id;
    END IF;
    INSERT INTO name_prefixes (prefix, username, user_id)
    SELECT left(NEW.name_folded, n), NEW.username, NEW.id
    FROM generate_series(1, char_length(NEW.name_folded)) AS n
    WHERE NOT starts_with(NEW.username, left(NEW.name_folded, n));
    RETURN NULL;
END
$$;
CREATE TRIGGER spell_name_prefixes AFTER INSERT OR UPDATE OF name_folded ON users
    FOR EACH ROW EXECUTE FUNCTION spell_name_prefixes();

-- token_hash: SHA-256 of the token in the cookie, which is stored nowhere.
CREATE TABLE sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    user_id bigint NOT NULL REFERENCES users,
    device_hash bytea NOT NULL,
    user_agent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
) WITH (fillfactor = 80);
CREATE INDEX sessions_of_user ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_created ON sessions (created_at);

-- Idle and absolute lifetime.
CREATE VIEW live_sessions AS
SELECT * FROM sessions
WHERE ended_at IS NULL
  AND last_used_at > now() - interval '14 days'
  AND created_at > now() - interval '90 days';

-- Browsers that a user has logged in from: strangers' guesses do not lock them out.
CREATE TABLE devices (
    user_id bigint NOT NULL REFERENCES users,
    token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, token_hash)
);
CREATE INDEX devices_used ON devices (last_used_at);
