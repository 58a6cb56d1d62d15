-- A command is remembered for a week (live/pruner.py); those of before count from now.
ALTER TABLE commands ADD COLUMN at timestamptz NOT NULL DEFAULT now();
CREATE INDEX commands_by_age ON commands (at);
