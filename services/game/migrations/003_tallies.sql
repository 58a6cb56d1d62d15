-- person, level: who plays the AI, at which level; null for a game between people and for one of the AI with itself.
ALTER TABLE games ADD COLUMN person bigint, ADD COLUMN level text;

-- Of the finished games of one member of a thread against the AI at one level, in that thread.
CREATE TABLE tallies (
    low bigint NOT NULL,
    high bigint NOT NULL,
    person bigint NOT NULL,
    level text NOT NULL,
    wins int NOT NULL DEFAULT 0,
    losses int NOT NULL DEFAULT 0,
    draws int NOT NULL DEFAULT 0,
    PRIMARY KEY (low, high, person, level)
);

UPDATE games SET
    person = CASE coalesce(seats->'X'->>'username', seats->'O'->>'username') WHEN low_name THEN low ELSE high END,
    level = coalesce(seats->'X'->>'level', seats->'O'->>'level')
FROM (SELECT id AS of, state::json->'seats' AS seats FROM games) AS seated
WHERE of = id AND (seats->'X'->>'level' IS NULL) <> (seats->'O'->>'level' IS NULL);

INSERT INTO tallies (low, high, person, level, wins, losses, draws)
SELECT low, high, person, level, count(*) FILTER (WHERE won = ours), count(*) FILTER (WHERE won NOT IN (ours, 'draw')),
    count(*) FILTER (WHERE won = 'draw')
FROM games, LATERAL (
    SELECT state::json->>'status' AS won,
        CASE WHEN state::json->'seats'->'X'->>'level' IS NULL THEN 'X' ELSE 'O' END AS ours
) AS result
WHERE level IS NOT NULL AND state::json->>'phase' = 'finished'
GROUP BY low, high, person, level;

-- The columns that were there keep their places: programs that run read on.
CREATE OR REPLACE VIEW scored AS
SELECT g.id, g.low, g.high, g.low_name, g.high_name, g.offered_by, g.client_id, g.asked, g.version, g.changed_at,
    g.due_at, g.seq, g.rematch_of, g.open, g.low_waits, g.high_waits, g.state, coalesce(s.low_wins, 0) AS low_wins,
    coalesce(s.high_wins, 0) AS high_wins, coalesce(s.draws, 0) AS draws,
    CASE WHEN g.level IS NOT NULL
        THEN ARRAY[coalesce(t.wins, 0), coalesce(t.losses, 0), coalesce(t.draws, 0)] END AS tally
FROM games AS g
LEFT JOIN scores AS s ON s.low = g.low AND s.high = g.high
LEFT JOIN tallies AS t ON t.low = g.low AND t.high = g.high AND t.person = g.person AND t.level = g.level;
