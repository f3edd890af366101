-- A queue in numbers. (job.lua and look.lua come first.)
--
-- ARGV[1] a worker counts if it showed life in the last so many ms
-- Returns  { scheduled, queued, running, succeeded, dead, cancelled, ms that the oldest has been queued, workers }
local now, queued, running, oldest = milliseconds(), 0, 0, nil
for i = 1, 4 do
  queued = queued + redis.call('XLEN', KEYS[i])
  local pending = redis.pcall('XPENDING', KEYS[i], GROUP)
  if not pending.err then
    running = running + pending[1]
  end
  local last = last_given(KEYS[i])
  local first = redis.call('XRANGE', KEYS[i], last and '(' .. last or '-', '+', 'COUNT', 1)[1]
  local since = first and tonumber(string.match(first[1], '^%d+'))
  if since and (not oldest or since < oldest) then
    oldest = since
  end
end
return {
  redis.call('ZCARD', KEYS[6]), queued - running, running,
  redis.call('ZCARD', KEYS[14]), redis.call('ZCARD', KEYS[15]), redis.call('ZCARD', KEYS[16]),
  oldest and math.max(now - oldest, 0) or 0, redis.call('ZCOUNT', KEYS[18], whole(now - ARGV[1]), '+inf'),
}
