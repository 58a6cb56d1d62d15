-- What somebody lets others see, and so sees of them: how far they have read, that they are typing, when they were here.
-- settings_at: when they last changed it, so that open sockets hear of it.
ALTER TABLE users
    ADD COLUMN show_read_receipts boolean NOT NULL DEFAULT true,
    ADD COLUMN show_typing boolean NOT NULL DEFAULT true,
    ADD COLUMN show_last_seen boolean NOT NULL DEFAULT true,
    ADD COLUMN settings_at timestamptz;
CREATE INDEX users_settings ON users (settings_at) WHERE settings_at IS NOT NULL;
