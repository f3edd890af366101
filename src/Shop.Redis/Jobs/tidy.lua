-- One round of housekeeping: forgets what is kept no longer, and workers that are gone. (job.lua comes first.)
--
-- ARGV[1] how many at most   ARGV[2] a worker that holds nothing is gone after so long without a sign of life, ms
-- Returns  how many jobs were forgotten
local now = milliseconds()
local expired = redis.call('ZRANGEBYSCORE', KEYS[17], '-inf', whole(now), 'LIMIT', 0, ARGV[1])
for _, id in ipairs(expired) do
  local job = read(id)
  forget(id, job and job.state)
end
for _, unique in ipairs(redis.call('ZRANGEBYSCORE', KEYS[8], '-inf', whole(now), 'LIMIT', 0, ARGV[1])) do
  redis.call('ZREM', KEYS[8], unique)
  redis.call('HDEL', KEYS[7], unique)
end

redis.call('ZREMRANGEBYSCORE', KEYS[18], '-inf', whole(now - ARGV[2]))
for i = 1, 4 do
  local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[i], GROUP)
  if not consumers.err then
    for _, consumer in ipairs(consumers) do
      local facts = {}
      for n = 1, #consumer, 2 do
        facts[consumer[n]] = consumer[n + 1]
      end
      if facts.pending == 0 and facts.idle > tonumber(ARGV[2]) then
        redis.call('XGROUP', 'DELCONSUMER', KEYS[i], GROUP, facts.name)
      end
    end
  end
end
return #expired
