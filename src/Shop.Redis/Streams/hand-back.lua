-- Gives back everything that a consumer holds: it looks abandoned at once, so that others take it over without waiting.
--
-- KEYS[1]  the stream
-- ARGV[1]  group   ARGV[2] consumer   ARGV[3] idle time to pretend, ms   ARGV[4…] ids whose first delivery never began
-- Returns  how many were given back
--
-- JUSTID leaves the delivery count alone. A delivery that never began was counted by XREADGROUP all the same; it is taken off,
-- or restarts would use a message's deliveries up.
local never_began = {}
for i = 4, #ARGV do
    never_began[ARGV[i]] = true
end
local given, from = 0, '-'
repeat
    local pending = redis.call('XPENDING', KEYS[1], ARGV[1], from, '+', 500, ARGV[2])
    for _, entry in ipairs(pending) do
        local count = never_began[entry[1]] and math.max(entry[4] - 1, 0) or entry[4]
        redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, entry[1], 'IDLE', ARGV[3], 'RETRYCOUNT', count, 'JUSTID')
        given, from = given + 1, '(' .. entry[1]
    end
until #pending < 500
return given
