CREATE TABLE products (
    sku         text PRIMARY KEY,
    name        text NOT NULL,
    description text NOT NULL,
    category    text NOT NULL,
    price       numeric(12, 2) NOT NULL CHECK (price >= 0)
);

-- Apart from products: every order rewrites a row here, and a narrow row with room on its page is rewritten in place (HOT).
CREATE TABLE stock (
    sku       text PRIMARY KEY REFERENCES products (sku),
    available integer NOT NULL CHECK (available >= 0)
) WITH (fillfactor = 50);

CREATE TABLE orders (
    id              uuid PRIMARY KEY,
    customer        text NOT NULL,
    idempotency_key text NOT NULL,
    request_hash    bytea NOT NULL,
    status          smallint NOT NULL,
    version         integer NOT NULL,
    total           numeric(12, 2) NOT NULL,
    reason          text,
    placed_at       timestamptz NOT NULL,
    UNIQUE (customer, idempotency_key)
) WITH (fillfactor = 80);

-- A customer's orders, newest first: the ids are UUIDv7, so their order is the order of placing.
CREATE INDEX orders_of_customer ON orders (customer, id DESC);

-- The payment deadline looks only at orders that wait for a payment (status 1 is Placed).
CREATE INDEX orders_awaiting_payment ON orders (placed_at) WHERE status = 1;

CREATE TABLE order_lines (
    order_id   uuid NOT NULL REFERENCES orders (id),
    line       smallint NOT NULL,
    sku        text NOT NULL,
    name       text NOT NULL,
    quantity   integer NOT NULL CHECK (quantity BETWEEN 1 AND 99),
    unit_price numeric(12, 2) NOT NULL,
    PRIMARY KEY (order_id, line)
);

-- Every step after the first: version 1 is always Placed, at orders.placed_at.
CREATE TABLE order_steps (
    order_id uuid NOT NULL REFERENCES orders (id),
    version  integer NOT NULL CHECK (version > 1),
    status   smallint NOT NULL,
    reason   text,
    at       timestamptz NOT NULL,
    PRIMARY KEY (order_id, version)
);
