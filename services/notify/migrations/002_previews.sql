-- Messages whose links wait to be looked at. version: the event that gave them their latest text. No text and no link:
-- both are asked for when it comes to it, so that nothing of them is left here.
CREATE TABLE previews (
    thread bigint NOT NULL,
    seq bigint NOT NULL,
    version bigint NOT NULL,
    sender bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (thread, seq)
);
CREATE INDEX previews_of_sender ON previews (sender, at, thread, seq);
