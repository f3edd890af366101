-- Decides the limits of a call at once: when every one of them has the permits free, they are taken from each; else
-- from none, but for those that count rejected requests.
--
-- KEYS, ARGV  see limits.lua
-- ARGV[1]     permits; 0 asks whether there is one, and takes none
-- ARGV[2]     how long refusals are remembered, ms
-- Returns     { 1 if granted, now in µs } and for each limit: µs to wait, permits free, µs until one more
local n = tonumber(ARGV[1])
local wanted = math.max(n, 1)
local now = microseconds()
local limits = read_limits(now)

local granted = true
for _, limit in ipairs(limits) do
  limit.refuses = limit.kind.wait(limit, wanted) > 0
  granted = granted and not limit.refuses
end

local reply = { granted and 1 or 0, now }
for _, limit in ipairs(limits) do
  if n > 0 and (granted or limit.counts_rejected) then
    limit.kind.take(limit, n)
  end
  if n > 0 and limit.refuses then
    redis.call('INCR', limit.refused_key)
    redis.call('PEXPIRE', limit.refused_key, ARGV[2])
  end
  reply[#reply + 1] = granted and 0 or limit.kind.wait(limit, wanted)
  reply[#reply + 1] = limit.kind.free(limit)
  reply[#reply + 1] = limit.kind.more(limit)
end
return reply
