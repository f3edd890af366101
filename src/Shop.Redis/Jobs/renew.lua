-- Shows that a worker lives: its attempts count as held for another lease. Answers what it must know about them.
--
-- KEYS[1..4] front, high, normal, low STREAMs   KEYS[5] started HASH   KEYS[6] reasons HASH   KEYS[7] workers ZSET
-- ARGV[1] worker   ARGV[2…] for each attempt: stream, entry id, job id, ms since it began (to be noted) or ''
-- Returns  { { place that is no longer this worker's, … }, { job id that is to be cancelled, … } }
--
-- XCLAIM without FORCE leaves alone what is not pending; an attempt that was taken over is not, for that moves the job to another
-- entry. So nothing is stolen back. JUSTID counts no delivery.
local GROUP = 'workers'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lost, cancelled = {}, {}
redis.call('ZADD', KEYS[7], string.format('%d', now), ARGV[1])
redis.call('PEXPIRE', KEYS[7], 3600000)

for i = 1, 4 do
  local entries, ats = {}, {}
  for at = 2, #ARGV, 4 do
    if ARGV[at] == tostring(i - 1) then
      entries[#entries + 1], ats[#ats + 1] = ARGV[at + 1], at
    end
  end
  if #entries > 0 then
    entries[#entries + 1] = 'JUSTID'
    local held = {}
    local reply = redis.pcall('XCLAIM', KEYS[i], GROUP, ARGV[1], 0, unpack(entries))
    if reply.err and not string.find(reply.err, 'NOGROUP', 1, true) then
      return redis.error_reply(reply.err)
    end
    for _, entry in ipairs(reply) do
      held[entry] = true
    end
    for n, at in ipairs(ats) do
      if not held[entries[n]] then
        lost[#lost + 1] = (i - 1) .. ':' .. entries[n]
      else
        if ARGV[at + 3] ~= '' then
          redis.call('HSET', KEYS[5], ARGV[at + 2], string.format('%d', now - ARGV[at + 3]))
        end
        if redis.call('HEXISTS', KEYS[6], ARGV[at + 2]) == 1 then
          cancelled[#cancelled + 1] = ARGV[at + 2]
        end
      end
    end
  end
end
return { lost, cancelled }
