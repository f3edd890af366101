CREATE TABLE accounts (
    id            uuid PRIMARY KEY,
    email         text NOT NULL,        -- as its owner wrote it
    email_key     text NOT NULL UNIQUE, -- as it is compared
    name          text NOT NULL,
    password_hash text NOT NULL,
    operator      boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL
);

-- Personal access tokens. A token has 256 random bits, so that a plain hash is enough to keep it secret.
CREATE TABLE tokens (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES accounts,
    name         text NOT NULL,
    hash         bytea NOT NULL UNIQUE,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    UNIQUE (account_id, name)
);

-- The keys with which the replicas protect cookies and forms, as the framework writes them.
CREATE TABLE data_protection_keys (
    name text PRIMARY KEY,
    xml  text NOT NULL
);
