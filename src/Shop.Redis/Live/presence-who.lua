-- Who is in a room.
--
-- KEYS[1]  room     ZSET "<connection> <user>" by until when it counts, ms
-- Returns  the members that count now
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%d', now), '+inf')
