-- Takes or renews the lease on a partition for one consumer of a group.
--
-- KEYS[1]  the lease
-- ARGV[1]  consumer   ARGV[2] how long it lasts, ms
-- Returns  0 when it is this consumer's now; else how long another's still lasts, ms
--
-- SET NX alone would not renew, and a reply that was lost must not lock its own sender out: so the holder is read first.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
    return math.max(redis.call('PTTL', KEYS[1]), 1)
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0
