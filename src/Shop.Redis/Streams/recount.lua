-- Counts a further delivery of an entry before its handler runs, if it is still this consumer's.
--
-- KEYS[1]  the stream
-- ARGV[1]  group   ARGV[2] consumer   ARGV[3] entry id
-- Returns  the delivery count including this one; 0 when the entry is no longer pending, deleted, or another consumer's
--
-- XCLAIM alone would take the entry from a consumer that has taken it over; XPENDING alone would not count.
local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1, ARGV[2])
if #pending == 0 then
    return 0
end
local count = pending[1][4] + 1
local claimed = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[3], 'RETRYCOUNT', count, 'JUSTID')
return #claimed > 0 and count or 0
