-- The truth behind Shop.Redis.Sessions. A use of a session (last_seen_at, expires_at) is a heap-only update: neither column has
-- an index, and the pages keep room. Expired rows are therefore found by reading the table, which happens once in a while.
CREATE TABLE sessions (
    hash         bytea PRIMARY KEY,     -- of the secret in the cookie
    id           uuid NOT NULL,         -- what its owner is shown; stays when the secret is renewed
    account_id   uuid NOT NULL REFERENCES accounts,
    device       text,
    address      text,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    version      bigint NOT NULL,
    changed_at   timestamptz,           -- when it was last written, replaced or ended; null while none of it has happened
    ended_at     timestamptz            -- revoked or replaced: it never lives again
) WITH (fillfactor = 70);

CREATE UNIQUE INDEX sessions_living ON sessions (account_id, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_changed ON sessions (changed_at) WHERE changed_at IS NOT NULL;

CREATE TABLE session_fields (
    hash    bytea NOT NULL REFERENCES sessions ON UPDATE CASCADE ON DELETE CASCADE,
    name    text NOT NULL,
    value   bytea,           -- null: removed, and the version says when
    version bigint NOT NULL,
    PRIMARY KEY (hash, name)
);
