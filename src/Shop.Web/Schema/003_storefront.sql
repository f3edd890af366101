-- How far a customer has read: what came later is unread.
CREATE TABLE notifications_read (
    account_id uuid PRIMARY KEY REFERENCES accounts,
    sequence   bigint NOT NULL
);

-- A cart is an account's, or that of a browser whose cookie holds a secret; at the sign-in the second becomes part of the first.
CREATE TABLE carts (
    id           uuid PRIMARY KEY,
    account_id   uuid UNIQUE REFERENCES accounts,
    cookie_hash  bytea UNIQUE,
    checkout_key uuid NOT NULL,        -- the idempotency key of the order that the cart becomes
    placed_key   uuid,                 -- that of the last order which it became, and that order: a form sent again leads there
    placed_order uuid,
    changed_at   timestamptz NOT NULL,
    CHECK (num_nonnulls(account_id, cookie_hash) = 1)
);

CREATE INDEX carts_of_browsers ON carts (changed_at) WHERE account_id IS NULL;

CREATE TABLE cart_lines (
    cart_id  uuid NOT NULL REFERENCES carts ON DELETE CASCADE,
    sku      text NOT NULL,
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 99),
    added_at timestamptz NOT NULL,
    PRIMARY KEY (cart_id, sku)
);
