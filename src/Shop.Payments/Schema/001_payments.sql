-- One row an order: the primary key is the last word on "one payment per order". Statuses: 1 Pending, 2 Captured, 3 Declined, 4 Voided, 5 Refunded.
CREATE TABLE payments (
    order_id           uuid PRIMARY KEY,
    amount             numeric(12, 2) NOT NULL,
    currency           text NOT NULL,
    status             smallint NOT NULL,
    fencing_token      bigint NOT NULL, -- of the newest holder of the lock; an older one cannot write
    provider_reference text,
    reason             text,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL
) WITH (fillfactor = 70);

-- The sandbox provider's own books, as a real provider would keep them in its own house. Nothing but the sandbox touches this schema.
CREATE SCHEMA sandbox;

CREATE TABLE sandbox.ledger (
    idempotency_key text PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('capture', 'refund')),
    reference       text NOT NULL,
    amount          numeric(12, 2) NOT NULL,
    currency        text NOT NULL,
    at              timestamptz NOT NULL
);

CREATE TABLE sandbox.attempts (
    idempotency_key text PRIMARY KEY,
    attempts        integer NOT NULL
);
