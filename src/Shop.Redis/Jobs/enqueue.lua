-- Enqueues jobs in their order. Repeating it with the same ids changes nothing, which is how a lost reply is resolved. (job.lua and put.lua come first.)
--
-- ARGV[1] channel that wakes workers   ARGV[2] channel that wakes forwarders
-- ARGV[3…] for each job: id, priority, due (see put.lua), unique key or '', what it is (JSON)
-- Returns  for each job: '' when it is new, else the id of the job that stands in its way
local now = milliseconds()
local ids = {}
for i = 3, #ARGV, 5 do
  ids[#ids + 1] = ARGV[i]
end
local known = redis.call('HMGET', KEYS[5], unpack(ids))
local earliest = redis.call('ZRANGE', KEYS[6], 0, 0)[1]

local answers, seen, queued = {}, {}, false
for i, id in ipairs(ids) do
  local at = i * 5 - 2
  local other, waits
  if seen[id] then
    other = seen[id]
  else
    other, waits = put(id, known[i], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], now)
  end
  seen[id] = other or id
  answers[i] = other or ''
  queued = queued or (not other and not waits)
end

if queued then
  redis.call('PUBLISH', ARGV[1], '')
end
if redis.call('ZRANGE', KEYS[6], 0, 0)[1] ~= earliest then
  redis.call('PUBLISH', ARGV[2], '')
end
return answers
