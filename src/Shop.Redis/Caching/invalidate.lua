-- Gives a key or tag a fresh generation, and tells everybody. What is cached or being loaded under the old one is out of reach
-- from now on. Always a fresh one, also for a change that was announced before: an old generation has old entries.
--
-- KEYS[1]  generation  STRING, 16 characters, and which invalidation made it
-- ARGV[1]  a fresh generation
-- ARGV[2]  which change this is
-- ARGV[3]  expiry, ms
-- ARGV[4]  channel
-- ARGV[5]  message
-- Returns  1, or 0 when the last invalidation was for the same change
local current = redis.call('GET', KEYS[1])
if current and string.sub(current, 17) == ARGV[2] then
  return 0
end

redis.call('SET', KEYS[1], ARGV[1] .. ARGV[2], 'PX', ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
