-- Puts in what was loaded, or gives the load up, and wakes whoever waits for it.
--
-- KEYS[1]  entry  HASH of stamp, data
-- KEYS[2]  load   HASH of id, stamp, waited
-- ARGV[1]  stamp
-- ARGV[2]  id of the load; empty for a value that was set, not loaded
-- ARGV[3]  data
-- ARGV[4]  expiry, ms; 0 to give the load up
-- ARGV[5]  channel
-- ARGV[6]  message
-- Returns  1, or 0 when somebody else loads it by now or has loaded it: theirs began later
local load = redis.call('HMGET', KEYS[2], 'id', 'waited')
if ARGV[2] ~= '' then
  if load[1] and load[1] ~= ARGV[2] then
    return 0
  end
  if not load[1] and (ARGV[4] == '0' or redis.call('HGET', KEYS[1], 'stamp') == ARGV[1]) then
    return 0
  end
end

redis.call('DEL', KEYS[2])
if ARGV[4] ~= '0' then
  redis.call('HSET', KEYS[1], 'stamp', ARGV[1], 'data', ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
if load[2] then
  redis.call('PUBLISH', ARGV[5], ARGV[6])
end
return 1
