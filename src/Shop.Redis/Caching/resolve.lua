-- The generation of a key or tag; a fresh one when there is none, after a wipe for example.
--
-- KEYS[1]  generation  STRING, 16 characters, and which invalidation made it
-- ARGV[1]  a fresh generation
-- ARGV[2]  expiry, ms
-- Returns  the 16 characters
local generation = redis.call('GET', KEYS[1])
if generation then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return string.sub(generation, 1, 16)
end

redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
