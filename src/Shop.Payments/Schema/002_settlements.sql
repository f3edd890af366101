-- When the provider booked the movements: they decide the day that a movement is settled on.
ALTER TABLE payments ADD COLUMN captured_at timestamptz, ADD COLUMN refunded_at timestamptz;

-- Of earlier payments it is known to the second: when the shop wrote it down.
UPDATE payments
SET captured_at = CASE status WHEN 2 THEN updated_at ELSE created_at END,
    refunded_at = CASE status WHEN 5 THEN updated_at END
WHERE status IN (2, 5);

CREATE INDEX payments_captured ON payments (captured_at) WHERE captured_at IS NOT NULL;
CREATE INDEX payments_refunded ON payments (refunded_at) WHERE refunded_at IS NOT NULL;
CREATE INDEX ledger_by_time ON sandbox.ledger (at);

-- One row a day (UTC) and currency: the shop's books, the provider's, and where they differ. Made again, it is replaced.
CREATE TABLE settlement_reports (
    day               date NOT NULL,
    currency          text NOT NULL,
    captured          numeric(14, 2) NOT NULL,
    captures          integer NOT NULL,
    refunded          numeric(14, 2) NOT NULL,
    refunds           integer NOT NULL,
    provider_captured numeric(14, 2) NOT NULL,
    provider_refunded numeric(14, 2) NOT NULL,
    difference_count  integer NOT NULL,
    differences       jsonb NOT NULL, -- the first of them
    made_at           timestamptz NOT NULL,
    PRIMARY KEY (day, currency)
);
