-- Gives up the lease on a partition, if it is this consumer's, and tells the others that there is something to take over.
--
-- KEYS[1]  the lease
-- ARGV[1]  consumer   ARGV[2] the hand-over channel
-- Returns  1 when a lease was given up, else 0
local held = redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0
redis.call('PUBLISH', ARGV[2], '')
return held
