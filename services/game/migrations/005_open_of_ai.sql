-- ai_seats: how many of the two the AI has. The index: one person's open games with it, over all threads.
ALTER TABLE games ADD COLUMN ai_seats smallint NOT NULL DEFAULT 0;
UPDATE games SET ai_seats = 1 WHERE level IS NOT NULL;
UPDATE games SET ai_seats = 2 WHERE state::json->'seats'->'X'->>'level' IS NOT NULL
    AND state::json->'seats'->'O'->>'level' IS NOT NULL;
CREATE INDEX games_open_with_ai ON games (offered_by) INCLUDE (ai_seats) WHERE open AND ai_seats > 0;
