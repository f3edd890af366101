-- The newest sequence of each room. Whoever writes to a room locks its row first: two writers (a silo that was taken for dead,
-- and its successor) take turns, and a sequence that can be read has all those before it.
CREATE TABLE chat_rooms (
    room text PRIMARY KEY,
    last bigint NOT NULL
) WITH (fillfactor = 70);

-- What happened in the rooms: messages, and removals of messages. A removed message keeps its author and its time, not its text;
-- its removal says which operator did it, and when.
CREATE TABLE chat_items (
    room      text NOT NULL REFERENCES chat_rooms (room),
    sequence  bigint NOT NULL,
    author    text NOT NULL, -- of a removal: the operator
    name      text NOT NULL, -- the author's, as it was shown then
    at        timestamptz NOT NULL,
    client_id text,          -- a message: the author's own name for it, posted once
    text      text,          -- a message that is not removed
    removes   bigint,        -- a removal: the message
    PRIMARY KEY (room, sequence),
    UNIQUE (room, author, client_id),
    UNIQUE (room, removes),
    CHECK ((client_id IS NULL) <> (removes IS NULL)),
    CHECK (text IS NULL OR removes IS NULL)
);
