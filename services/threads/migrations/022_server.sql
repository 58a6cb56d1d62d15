-- compatible from 021
-- server: the PostgreSQL server that this log was last found on, and its timeline, as `services/threads/log_id.py` says.
-- NULL: not looked at yet, as in what was made by an earlier version.
ALTER TABLE settings ADD COLUMN server text;
