-- Puts the tombstone of a session that the vault has ended. It takes the lease of whoever is filling it, so it need not
-- outlive them: without it, the vault is asked.
--
-- KEYS[1]  session, HASH (see SessionKeys)
-- ARGV[1]  expiry, ms
-- Returns  1 when it was living here, else 0
local lived = redis.call('HEXISTS', KEYS[1], 'version')
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'ended', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return lived
