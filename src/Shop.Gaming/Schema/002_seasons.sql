-- Months that are over and done with, for every board.
CREATE TABLE seasons (
    season    text PRIMARY KEY CHECK (season ~ '^\d{4}-\d{2}$'), -- 2026-11
    closed_at timestamptz NOT NULL
);

-- A board that was frozen for a month; the row is written together with the standings and the awards, so that all happen once.
CREATE TABLE season_boards (
    board     text NOT NULL,
    season    text NOT NULL,
    players   bigint NOT NULL,
    closed_at timestamptz NOT NULL,
    PRIMARY KEY (board, season)
);

CREATE TABLE season_results (
    board    text NOT NULL,
    season   text NOT NULL,
    rank     bigint NOT NULL,
    customer text NOT NULL,
    score    bigint NOT NULL,
    award    bigint NOT NULL, -- loyalty points; in the ledger under 'season:<board>:<season>:<rank>'
    PRIMARY KEY (board, season, rank),
    FOREIGN KEY (board, season) REFERENCES season_boards (board, season)
);
