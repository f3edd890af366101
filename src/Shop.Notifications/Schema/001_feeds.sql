-- The newest sequence of each customer's feed. Taking the next one locks the row, so that a sequence that can be read has
-- all those before it: readers may trust that there are no holes.
CREATE TABLE feeds (
    customer text PRIMARY KEY,
    last     bigint NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE notifications (
    customer text NOT NULL REFERENCES feeds (customer),
    sequence bigint NOT NULL,
    event_id uuid NOT NULL UNIQUE, -- the event that it tells about; told once
    kind     text NOT NULL,
    text     text NOT NULL,
    order_id uuid,
    at       timestamptz NOT NULL,
    PRIMARY KEY (customer, sequence)
);
