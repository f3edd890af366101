-- Settles a tick, and puts its job: for whoever comes first. (job.lua and put.lua come first.)
--
-- KEYS[19] cron HASH   schedule -> up to when its ticks are settled, ms
-- ARGV[1] schedule   ARGV[2] tick, ms   ARGV[3] what the caller knows to be settled, ms
-- ARGV[4] channel that wakes workers   ARGV[5] job id, or '' to pass the tick over   ARGV[6] priority   ARGV[7] unique key or ''   ARGV[8] what it is (JSON)
-- Returns  1 when the job was put; 0 when the tick was settled before, was passed over, or another job with the unique key waits or runs
local settled = redis.call('HGET', KEYS[19], ARGV[1]) or ARGV[3]
if tonumber(settled) >= tonumber(ARGV[2]) then
  return 0
end
redis.call('HSET', KEYS[19], ARGV[1], ARGV[2])
if ARGV[5] == '' or put(ARGV[5], redis.call('HGET', KEYS[5], ARGV[5]), ARGV[6], '', ARGV[7], ARGV[8], milliseconds()) then
  return 0
end
redis.call('PUBLISH', ARGV[4], '')
return 1
