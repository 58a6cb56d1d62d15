-- done: what this snapshot sees of the outbox has been indexed. A watermark stood still behind an open transaction.
ALTER TABLE indexing ADD COLUMN seen pg_snapshot NOT NULL DEFAULT '1:1:';
UPDATE indexing SET seen = format('%1$s:%1$s:', done)::pg_snapshot WHERE done > '0';
ALTER TABLE indexing DROP COLUMN done;
ALTER TABLE indexing RENAME COLUMN seen TO done;
