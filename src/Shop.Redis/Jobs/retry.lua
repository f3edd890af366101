-- Queues a dead or cancelled job again, from its first attempt, or a scheduled one ahead of its time. (job.lua comes first.)
--
-- ARGV[1] id   ARGV[2] channel that wakes workers   ARGV[3] channel that wakes its watchers
-- Returns  Done, NotFound, WrongState or Duplicate
local job, now = read(ARGV[1]), milliseconds()
if not job or lapsed(job, now) then
  return 'NotFound'
end
if job.state == SCHEDULED then
  redis.call('ZREM', KEYS[6], job.id)
elseif job.state == DEAD or job.state == CANCELLED then
  if job.unique ~= '' then
    if holder_of(job.unique, now) then
      return 'Duplicate'
    end
    hold(job)
  end
  redis.call('ZREM', ENDED[job.state], job.id)
  redis.call('ZREM', KEYS[17], job.id)
  redis.call('HDEL', KEYS[10], job.id)
  redis.call('HDEL', KEYS[12], job.id)
  job.attempt = 1
else
  return 'WrongState'
end
queue(job, job.priority)
redis.call('PUBLISH', ARGV[2], '')
redis.call('PUBLISH', ARGV[3], '')
return 'Done'
