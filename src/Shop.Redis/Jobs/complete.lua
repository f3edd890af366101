-- Completes jobs that succeeded and leave nothing behind: the fast path, in batches.
--
-- KEYS[1..4] front, high, normal, low STREAMs   KEYS[5] jobs HASH
-- KEYS[6..9] attempts, progress, reasons, started HASHes: seldom there, and then free to clean
-- ARGV[1] channel that wakes workers, or '' when nobody waits for a place
-- ARGV[2…] for each of the four streams: how many n, its highest entry id, n entry ids, n job ids
-- Returns  the places ("<stream>:<entry id>") that were refused: the job is no longer this attempt's (taken over, or gone with a wipe)
local GROUP = 'workers'

local function parts(id)
  local milliseconds, sequence = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(milliseconds), tonumber(sequence)
end

local function less(one, other)
  local m1, s1 = parts(one)
  local m2, s2 = parts(other)
  return m1 < m2 or (m1 == m2 and s1 < s2)
end

-- Takes completed entries out of a stream. XDEL searches for each; cutting off everything below the oldest pending entry is far
-- cheaper, and takes the same entries whenever jobs end about in their order.
local function remove(stream, entries, highest)
  local oldest = redis.call('XPENDING', stream, GROUP)[2]
  if not oldest then
    local m, s = string.match(highest, '^(%d+)-(%d+)$')
    redis.call('XTRIM', stream, 'MINID', '=', m .. '-' .. string.format('%d', s + 1))
  elseif less(highest, oldest) then
    redis.call('XTRIM', stream, 'MINID', '=', oldest)
  else
    redis.call('XDEL', stream, unpack(entries))
  end
end

local refused, at, done = {}, 2, false
for i = 1, 4 do
  local count, highest = tonumber(ARGV[at]), ARGV[at + 1]
  if count > 0 then
    local entries, jobs = {}, {}
    for n = 1, count do
      entries[n], jobs[n] = ARGV[at + 1 + n], ARGV[at + 1 + count + n]
    end
    -- One XACK for all says whether all were still pending. If not, each job's own record tells whose it is.
    if redis.call('XACK', KEYS[i], GROUP, unpack(entries)) < count then
      local records = redis.call('HMGET', KEYS[5], unpack(jobs))
      local mine, mine_jobs = {}, {}
      for n = 1, count do
        local place = (i - 1) .. ':' .. entries[n]
        if records[n] and string.match(records[n], '^q %d %d+ (%S+) ') == place then
          mine[#mine + 1], mine_jobs[#mine_jobs + 1] = entries[n], jobs[n]
        else
          refused[#refused + 1] = place
        end
      end
      entries, jobs = mine, mine_jobs
    end
    if #entries > 0 then
      remove(KEYS[i], entries, highest)
      for key = 5, 9 do
        redis.call('HDEL', KEYS[key], unpack(jobs))
      end
      done = true
    end
  end
  at = at + 2 + count * 2
end

if done and ARGV[1] ~= '' then
  redis.call('PUBLISH', ARGV[1], '')
end
return refused
