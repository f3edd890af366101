-- Gives entries back at shutdown: they look abandoned at once, so that the next consumer takes them over without waiting.
--
-- KEYS[1]  the stream
-- ARGV[1]  group   ARGV[2] consumer   ARGV[3] idle time to pretend, ms   ARGV[4…] entry ids
-- Returns  how many were given back
--
-- JUSTID leaves the delivery count alone. Entries that another consumer has taken over meanwhile stay with it.
local given = 0
for i = 4, #ARGV do
    local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)
    if #pending > 0 and pending[1][2] == ARGV[2] then
        redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'IDLE', ARGV[3], 'JUSTID')
        given = given + 1
    end
end
return given
