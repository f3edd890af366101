-- How limits stand, for operators: takes nothing, counts nothing.
--
-- KEYS, ARGV  see limits.lua; ARGV[1] and ARGV[2] are not used
-- Returns     for each limit: µs until a permit is free, permits free, µs until one more, requests refused lately
local reply = {}
for _, limit in ipairs(read_limits(microseconds())) do
  reply[#reply + 1] = limit.kind.wait(limit, 1)
  reply[#reply + 1] = limit.kind.free(limit)
  reply[#reply + 1] = limit.kind.more(limit)
  reply[#reply + 1] = tonumber(redis.call('GET', limit.refused_key) or 0)
end
return reply
