-- finished: played to an end, as opposed to declined or withdrawn. The index: a thread's past games.
ALTER TABLE games ADD COLUMN finished boolean NOT NULL DEFAULT false;
UPDATE games SET finished = true WHERE NOT open AND state::json->>'phase' = 'finished';
CREATE INDEX games_finished ON games (low, high, seq) WHERE finished;

CREATE OR REPLACE VIEW scored AS
SELECT g.id, g.low, g.high, g.low_name, g.high_name, g.offered_by, g.client_id, g.asked, g.version, g.changed_at,
    g.due_at, g.seq, g.rematch_of, g.open, g.low_waits, g.high_waits, g.state, coalesce(s.low_wins, 0) AS low_wins,
    coalesce(s.high_wins, 0) AS high_wins, coalesce(s.draws, 0) AS draws,
    CASE WHEN g.level IS NOT NULL
        THEN ARRAY[coalesce(t.wins, 0), coalesce(t.losses, 0), coalesce(t.draws, 0)] END AS tally,
    g.finished
FROM games AS g
LEFT JOIN scores AS s ON s.low = g.low AND s.high = g.high
LEFT JOIN tallies AS t ON t.low = g.low AND t.high = g.high AND t.person = g.person AND t.level = g.level;
