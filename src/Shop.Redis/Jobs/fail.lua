-- Ends one attempt without success: the job waits and is tried again, or is dead, or cancelled if somebody wanted that. (job.lua comes first.)
--
-- ARGV[1] id   ARGV[2] place of the attempt   ARGV[3] wait before the next attempt, ms, or -1: there is none
-- ARGV[4] number of the next attempt   ARGV[5] what failed (a JSON object without "endedAt"), or '' when nothing did (a snooze)
-- ARGV[6] keep it when dead, ms   ARGV[7] keep it when cancelled, ms   ARGV[8] why the handler cancels it, or ''
-- ARGV[9] only if nobody showed life for so long, ms, or ''
-- ARGV[10] channel that wakes workers, or ''   ARGV[11] channel that wakes forwarders   ARGV[12] channel that wakes its watchers
-- Returns  the job's new state; '' when it is refused: the job is no longer this attempt's
local MOST_HISTORY = 65536

local job = take(ARGV[1], ARGV[2], ARGV[9] ~= '' and ARGV[9] or nil)
if not job then
  return ''
end
local now, wait = milliseconds(), tonumber(ARGV[3])

if ARGV[5] ~= '' then
  local history = redis.call('HGET', KEYS[9], job.id)
  local line = string.sub(ARGV[5], 1, -2) .. ',"endedAt":' .. whole(now) .. '}'
  history = history and history .. '\n' .. line or line
  while #history > MOST_HISTORY and string.find(history, '\n', 1, true) do
    history = string.sub(history, string.find(history, '\n', 1, true) + 1)
  end
  redis.call('HSET', KEYS[9], job.id, history)
end

-- A job that somebody wants to be cancelled is not tried again.
local reason = ARGV[8] ~= '' and ARGV[8] or redis.call('HGET', KEYS[12], job.id)
if reason then
  cancelled(job, reason, now, tonumber(ARGV[7]))
elseif wait < 0 then
  free(job, now, 0)
  finish(job, DEAD, now, tonumber(ARGV[6]))
else
  job.attempt = ARGV[4]
  redis.call('HDEL', KEYS[10], job.id)
  local earliest = redis.call('ZRANGE', KEYS[6], 0, 0)[1]
  schedule(job, now + wait)
  if redis.call('ZRANGE', KEYS[6], 0, 0)[1] ~= earliest then
    redis.call('PUBLISH', ARGV[11], '')
  end
end

if ARGV[10] ~= '' then
  redis.call('PUBLISH', ARGV[10], '')
end
redis.call('PUBLISH', ARGV[12], '')
return job.state
