-- Who holds the lock, for operators.
--
-- KEYS[1]  lock   STRING "<token> <since, µs> <owner>"
-- KEYS[2]  queue  ZSET   waiting owners
-- Returns  { lock's value, its remaining ms, number waiting, now in µs }, or nil when nobody holds it
local held = redis.call('GET', KEYS[1])
if not held then
  return nil
end

local time = redis.call('TIME')
return { held, redis.call('PTTL', KEYS[1]), redis.call('ZCARD', KEYS[2]), string.format('%d', time[1] * 1000000 + time[2]) }
