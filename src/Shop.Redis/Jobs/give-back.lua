-- Gives one job back that a worker was given and did not finish, to the front of the queue, with no attempt used up. (job.lua comes first.)
--
-- ARGV[1] id   ARGV[2] place of the attempt   ARGV[3] keep it when cancelled, ms
-- ARGV[4] channel that wakes workers   ARGV[5] channel that wakes its watchers
-- Returns  1; 0 when it is refused: the job is no longer this attempt's
local job = take(ARGV[1], ARGV[2])
if not job then
  return 0
end
local reason = redis.call('HGET', KEYS[12], job.id)
if reason then
  cancelled(job, reason, milliseconds(), tonumber(ARGV[3]))
else
  redis.call('HDEL', KEYS[10], job.id)
  queue(job, 0)
end
redis.call('PUBLISH', ARGV[4], '')
redis.call('PUBLISH', ARGV[5], '')
return 1
