-- Who still needs published rows of the outbox beyond their retention, for example the audit of an archive. A hold that
-- nobody renews ends by itself, so that a reader that is gone does not fill the disk.
CREATE TABLE outbox_holds (
    holder      text        NOT NULL,
    stream      text        NOT NULL,
    needed_from timestamptz NOT NULL,                            -- rows that occurred from then on are kept
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (holder, stream)
);
