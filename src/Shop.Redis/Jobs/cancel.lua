-- Cancels a job that waits, or asks the worker of one that runs to. (job.lua comes first.)
--
-- ARGV[1] id   ARGV[2] reason   ARGV[3] keep it, ms   ARGV[4] channel of orders to workers   ARGV[5] channel that wakes its watchers
-- Returns  Done, Requested, NotFound or WrongState
local job, now = read(ARGV[1]), milliseconds()
if not job or lapsed(job, now) then
  return 'NotFound'
end
if ENDED[job.state] then
  return 'WrongState'
end
if job.state == SCHEDULED then
  redis.call('ZREM', KEYS[6], job.id)
else
  local stream, entry = entry_of(job)
  local pending = redis.pcall('XPENDING', stream, GROUP, entry, entry, 1)
  if not pending.err and #pending > 0 then
    redis.call('HSETNX', KEYS[12], job.id, ARGV[2])
    redis.call('PUBLISH', ARGV[4], job.id)
    return 'Requested'
  end
  redis.call('XDEL', stream, entry)
end
cancelled(job, ARGV[2], now, tonumber(ARGV[3]))
redis.call('PUBLISH', ARGV[5], '')
return 'Done'
