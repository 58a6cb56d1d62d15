-- A page of messages must not read through the moves of all the games that were played between them.
CREATE INDEX events_messages ON events (thread_id, seq) WHERE kind = 'message';
