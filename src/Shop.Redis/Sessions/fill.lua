-- Puts in what was read from the vault, if nothing has happened to the session since the reading began.
--
-- KEYS[1]  session, HASH (see SessionKeys)
-- ARGV[1]  lease
-- ARGV[2]  expiry, ms
-- ARGV[3]  version; 0 when the vault has no living session
-- ARGV[4]  data
-- ARGV[5]  seen, ms
-- Returns  1, or 0 when the lease is gone
if redis.call('HGET', KEYS[1], 'lease') ~= ARGV[1] then
  return 0
end

redis.call('DEL', KEYS[1])
if ARGV[3] == '0' then
  redis.call('HSET', KEYS[1], 'ended', '1')
else
  redis.call('HSET', KEYS[1], 'version', ARGV[3], 'data', ARGV[4], 'seen', ARGV[5])
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
