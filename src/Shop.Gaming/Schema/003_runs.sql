-- The run that a customer plays, or played last, in a game. Its score is in the ledger under 'run:<id>'.
CREATE TABLE runs (
    customer   text NOT NULL,
    game       text NOT NULL,
    id         uuid NOT NULL, -- the token that the score must carry
    seed       integer NOT NULL,
    started_at timestamptz NOT NULL,
    submission uuid,          -- the request that scored it: repeated, it gets the same answer; another one is refused
    score      bigint,
    PRIMARY KEY (customer, game)
);
