-- form: in which the words of all of `search` are, up to a change of shared/plumbing/folding.py or words.py, after
-- which they are written anew; renewed_thread, renewed_seq: how far that has come.
ALTER TABLE indexing
    ADD COLUMN form int NOT NULL DEFAULT 1,
    ADD COLUMN renewed_thread bigint NOT NULL DEFAULT 0,
    ADD COLUMN renewed_seq bigint NOT NULL DEFAULT 0;
