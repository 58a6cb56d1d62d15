-- state: JSON of the Game as of its last change. asked: JSON of what it was made from, to know a repeat by.
-- open: offered or being played. low_waits, high_waits: it is for that member to move or to answer.
-- due_at: when the service must act by itself (the AI's turn, a flag). seq: of its first event in the thread's log.
CREATE TABLE games (
    id uuid PRIMARY KEY,
    low bigint NOT NULL,
    high bigint NOT NULL,
    low_name text NOT NULL,
    high_name text NOT NULL,
    offered_by bigint NOT NULL,
    client_id uuid NOT NULL,
    asked text NOT NULL,
    version int NOT NULL,
    changed_at timestamptz NOT NULL,
    due_at timestamptz,
    seq bigint,
    rematch_of uuid,
    open boolean NOT NULL,
    low_waits boolean NOT NULL,
    high_waits boolean NOT NULL,
    state text NOT NULL,
    CHECK (low < high),
    UNIQUE (offered_by, client_id)
) WITH (fillfactor = 70);
CREATE INDEX games_by_seq ON games (low, high, seq);
CREATE INDEX games_open_of_low ON games (low, high) WHERE open;
CREATE INDEX games_open_of_high ON games (high) WHERE open;
CREATE INDEX games_waiting_for_low ON games (low) WHERE low_waits;
CREATE INDEX games_waiting_for_high ON games (high) WHERE high_waits;
CREATE INDEX games_due ON games (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX games_rematches ON games (rematch_of) WHERE rematch_of IS NOT NULL;
CREATE UNIQUE INDEX games_one_open_rematch ON games (rematch_of) WHERE open;

-- What was done to a game: the same client_id again does nothing.
CREATE TABLE commands (
    game_id uuid NOT NULL,
    user_id bigint NOT NULL,
    client_id uuid NOT NULL,
    command text NOT NULL,
    PRIMARY KEY (game_id, user_id, client_id)
);

-- Committed with each change, gone when the thread's log has it. client_id: of the event; nobody can guess it,
-- so nobody can use it up for a message of their own.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    game_id uuid NOT NULL,
    version int NOT NULL,
    client_id uuid NOT NULL DEFAULT gen_random_uuid(),
    sender bigint NOT NULL,
    sender_name text NOT NULL,
    to_name text NOT NULL,
    body text NOT NULL,
    UNIQUE (game_id, version)
);

-- Of the finished games between the two.
CREATE TABLE scores (
    low bigint NOT NULL,
    high bigint NOT NULL,
    low_wins int NOT NULL DEFAULT 0,
    high_wins int NOT NULL DEFAULT 0,
    draws int NOT NULL DEFAULT 0,
    PRIMARY KEY (low, high)
);

CREATE VIEW scored AS
SELECT g.*, coalesce(s.low_wins, 0) AS low_wins, coalesce(s.high_wins, 0) AS high_wins, coalesce(s.draws, 0) AS draws
FROM games AS g LEFT JOIN scores AS s ON s.low = g.low AND s.high = g.high;
