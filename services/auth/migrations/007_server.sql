-- compatible from 006
-- name: the PostgreSQL server that the accounts were last found on, and its timeline, as `services/auth/server.py` says.
-- NULL: not looked at yet, as in what was made by an earlier version.
CREATE TABLE server (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    name text
);
INSERT INTO server DEFAULT VALUES;
