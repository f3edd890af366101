-- Brings Redis up to a version that the vault has committed. It never makes an entry: a late update finds a tombstone, or
-- nothing, and leaves it so. Versions come from the vault and grow, so a late one loses to a later one.
--
-- KEYS[1]  session, HASH (see SessionKeys)
-- ARGV[1]  version
-- ARGV[2]  data; empty when the caller knows the version only
-- Returns  1 when there was an older version, else 0
local entry = redis.call('HMGET', KEYS[1], 'version', 'lease')

if entry[2] then
  -- Whoever is filling it in may have read something older.
  redis.call('DEL', KEYS[1])
  return 0
end

if not entry[1] or tonumber(entry[1]) >= tonumber(ARGV[1]) then
  return 0
end

if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], 'version', ARGV[1], 'data', ARGV[2])
end
return 1
