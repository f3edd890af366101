-- Looks a session up. One that is not there is leased to the caller, who reads the vault and fills it in: only with this
-- lease (fill.lua), and whatever ends or changes the session meanwhile, a wipe too, takes the lease away.
--
-- KEYS[1]  session, HASH (see SessionKeys)
-- ARGV[1]  lease to take
-- ARGV[2]  lease time, ms
-- ARGV[3]  now, ms: the clock of the vault's times, not Redis's, because it is compared with them
-- ARGV[4]  touch interval, ms
-- ARGV[5]  idle timeout, ms
-- Returns  { 'living', version, data, seen, 1 when the caller is to note this use in the vault },
--          { 'ended' }, { 'leased', lease }: the caller's own, or another's
local now, interval, idle = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local entry = redis.call('HMGET', KEYS[1], 'version', 'data', 'seen', 'ended', 'lease')

if entry[1] then
  local unseen = now - tonumber(entry[3])
  -- One of all who come at once is told to note it. An idle session is not brought back by the request that finds it so.
  if unseen >= interval and unseen < idle then
    redis.call('HSET', KEYS[1], 'seen', ARGV[3])
    return { 'living', entry[1], entry[2], ARGV[3], 1 }
  end
  return { 'living', entry[1], entry[2], entry[3], 0 }
end

if entry[4] then
  return { 'ended' }
end

if entry[5] then
  return { 'leased', entry[5] }
end

redis.call('HSET', KEYS[1], 'lease', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { 'leased', ARGV[1] }
