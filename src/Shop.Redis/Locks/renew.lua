-- Prolongs the lock, if the holder still has it.
--
-- KEYS[1]  lock   STRING "<token> <since, µs> <owner>"
-- KEYS[2]  token  STRING the last fencing token of this resource
-- ARGV[1]  owner
-- ARGV[2]  token
-- ARGV[3]  ttl, ms
-- ARGV[4]  token memory, ms
-- Returns  1 when prolonged, 0 when another or nobody holds it
local held = redis.call('GET', KEYS[1])
if not held then
  return 0
end

local token, owner = string.match(held, '^(%d+) %d+ (.*)$')
if token ~= ARGV[2] or owner ~= ARGV[1] then
  return 0
end

redis.call('PEXPIRE', KEYS[1], ARGV[3])
-- The token is remembered beyond the lock, however long it is held.
redis.call('PEXPIRE', KEYS[2], ARGV[3] + ARGV[4])
return 1
