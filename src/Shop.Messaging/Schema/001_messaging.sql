-- The outbox: events that a transaction of this database has made true. The row is the event's copy of record until its
-- retention ends; the Redis Stream is filled from it, and filled again when Redis comes back with less than it had.
CREATE TABLE outbox (
    position     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- ascends with the commits of one key, whose writers a row lock serialises
    id           uuid        NOT NULL,                            -- the event id (UUIDv7), by which inboxes know a repeat
    stream       text        NOT NULL,
    key          text        NOT NULL,                            -- events of one key keep their order
    type         text        NOT NULL,                            -- short name of the event type, for example OrderPlaced
    data         text        NOT NULL,                            -- JSON as it was written: jsonb would reorder it, and cost a parse
    traceparent  text,                                            -- W3C trace context of the request that caused the event
    occurred_at  timestamptz NOT NULL,                            -- the application's clock
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),  -- the database's clock: one clock decides what is overdue
    published_at timestamptz,                                     -- null: not known to be in the stream
    entry_id     text                                             -- the stream entry, to ask a restarted Redis for it
) WITH (autovacuum_vacuum_scale_factor = 0.02);                   -- every row is updated once: keep up with the dead versions

-- What the sweeper and the order check read; as small as the backlog.
CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_at IS NULL;
CREATE INDEX outbox_unpublished_key ON outbox (stream, key, position) WHERE published_at IS NULL;

-- Retention, and "published in the last minutes" after a restart of Redis: both follow the physical order closely.
CREATE INDEX outbox_published ON outbox USING brin (published_at) WITH (autosummarize = on);

-- What the outbox knows of Redis. The epoch is also written to a marker key there: as long as both agree, nothing was wiped.
CREATE TABLE outbox_redis (
    outbox_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    epoch     text NOT NULL DEFAULT '',
    run_id    text NOT NULL DEFAULT ''
);
INSERT INTO outbox_redis DEFAULT VALUES;

-- Which consumer has worked which event, recorded in the transaction that holds the effects.
CREATE TABLE inbox (
    event_id    uuid        NOT NULL,
    consumer    text        NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (event_id, consumer)
);
CREATE INDEX inbox_recorded ON inbox USING brin (recorded_at) WITH (autosummarize = on);
