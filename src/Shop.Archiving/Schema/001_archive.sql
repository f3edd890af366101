-- What the audit has compared with Kafka, window by window, for people: what it goes on from is in outbox_holds.
CREATE TABLE archive_audit (
    stream     text        NOT NULL,
    starts_at  timestamptz NOT NULL,                            -- windows are of the events' own time, the end excluded
    ends_at    timestamptz NOT NULL,
    events     bigint      NOT NULL,                            -- in the outbox
    hash       bigint      NOT NULL,                            -- over their ids, types, keys and data, in any order
    missing    bigint      NOT NULL,                            -- of these, not in Kafka when it was looked at
    repaired   bigint      NOT NULL,                            -- of those, in Kafka after the repair
    unknown    bigint      NOT NULL,                            -- in Kafka, but not in the outbox
    audited_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (stream, starts_at)
);

-- The outbox is audited by the events' own time, which follows the physical order closely.
CREATE INDEX outbox_occurred ON outbox USING brin (occurred_at) WITH (autosummarize = on);
