-- Notes how far an attempt has come. (job.lua comes first.)
--
-- ARGV[1] id   ARGV[2] place of the attempt   ARGV[3] percent   ARGV[4] message or ''   ARGV[5] channel that wakes its watchers
-- Returns  1; 0 when it is refused: the job is no longer this attempt's
local job = read(ARGV[1])
if not job or job.place ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[10], job.id, whole(milliseconds()) .. ' ' .. ARGV[3] .. ' ' .. ARGV[4])
redis.call('PUBLISH', ARGV[5], '')
return 1
