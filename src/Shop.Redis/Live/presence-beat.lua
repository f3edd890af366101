-- Enters a room, stays in it, or leaves it; and drops whoever has not shown life. Redis's clock decides, not the callers'.
--
-- KEYS[1]  room     ZSET "<connection> <user>" by until when it counts, ms
-- ARGV[1]  member, "<connection> <user>"
-- ARGV[2]  time to live, ms; 0 to leave
-- ARGV[3]  channel
-- Returns  1 when somebody came or went (connections, not yet users), else 0
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local changed = redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%d', now))

if ARGV[2] == '0' then
  changed = changed + redis.call('ZREM', KEYS[1], ARGV[1])
else
  changed = changed + redis.call('ZADD', KEYS[1], string.format('%d', now + ARGV[2]), ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end

if changed > 0 then
  redis.call('PUBLISH', ARGV[3], '')
  return 1
end
return 0
