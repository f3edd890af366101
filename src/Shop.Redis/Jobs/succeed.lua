-- Completes one job that succeeded and leaves something: a result, a unique key, failed attempts before, or itself. (job.lua comes first.)
--
-- ARGV[1] id   ARGV[2] place of the attempt   ARGV[3] keep, ms   ARGV[4] result or ''   ARGV[5] hold the unique key, ms
-- ARGV[6] channel that wakes workers, or ''   ARGV[7] channel that wakes its watchers
-- Returns  1; 0 when it is refused: the job is no longer this attempt's
local job = take(ARGV[1], ARGV[2])
if not job then
  return 0
end
local now = milliseconds()
free(job, now, tonumber(ARGV[5]))
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[11], job.id, ARGV[4])
end
redis.call('HDEL', KEYS[12], job.id)
finish(job, SUCCEEDED, now, tonumber(ARGV[3]))
if ARGV[6] ~= '' then
  redis.call('PUBLISH', ARGV[6], '')
end
redis.call('PUBLISH', ARGV[7], '')
return 1
