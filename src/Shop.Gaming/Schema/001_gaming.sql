-- Every score and every loyalty point that anybody ever got: the books that the boards in Redis are built from.
CREATE TABLE ledger (
    submission_id text PRIMARY KEY, -- counts once: a score's own id, 'paid:<order>' or 'refunded:<order>'
    board         text NOT NULL,
    customer      text NOT NULL,
    score         bigint NOT NULL,
    at            timestamptz NOT NULL,
    on_board      boolean NOT NULL DEFAULT false
) WITH (fillfactor = 80);

CREATE INDEX ledger_of_board ON ledger (board, customer, score DESC, at);

-- What Redis was not told, or has not confirmed yet.
CREATE INDEX ledger_not_on_board ON ledger (at) WHERE NOT on_board;
