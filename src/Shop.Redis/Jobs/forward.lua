-- Queues the jobs whose time has come. (job.lua comes first.)
--
-- ARGV[1] how many at most   ARGV[2] channel that wakes workers
-- Returns  { how many, ms until the next is due, or -1 when none waits }
local now = milliseconds()
local due = redis.call('ZRANGEBYSCORE', KEYS[6], '-inf', whole(now), 'LIMIT', 0, ARGV[1])
for _, id in ipairs(due) do
  redis.call('ZREM', KEYS[6], id)
  local job = read(id)
  if job then
    queue(job, job.priority)
  end
end
if #due > 0 then
  redis.call('PUBLISH', ARGV[2], '')
end
local next = redis.call('ZRANGE', KEYS[6], 0, 0, 'WITHSCORES')[2]
return { #due, next and math.max(tonumber(next) - now, 0) or -1 }
