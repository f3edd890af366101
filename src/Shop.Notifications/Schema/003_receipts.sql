-- The receipts that were sent, once an order. A row is written in the transaction that sends.
CREATE TABLE receipts (
    order_id   uuid PRIMARY KEY,
    message_id text NOT NULL,
    sent_at    timestamptz NOT NULL
);
