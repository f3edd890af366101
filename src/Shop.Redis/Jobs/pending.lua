-- The attempts that have shown no life for a while, of one worker or of all.
--
-- KEYS[1..4] front, high, normal, low STREAMs   KEYS[5] jobs HASH   KEYS[6] started HASH
-- ARGV[1] for how long, ms   ARGV[2] how many of each stream at most   ARGV[3] whose; '' for all
-- Returns  { place, worker, job id, job, began (ms), … }
local GROUP = 'workers'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local whose = ARGV[3] ~= '' and { ARGV[3] } or {}
local found = {}
for i = 1, 4 do
  local pending = redis.pcall('XPENDING', KEYS[i], GROUP, 'IDLE', ARGV[1], '-', '+', ARGV[2], unpack(whose))
  if pending.err and not string.find(pending.err, 'NOGROUP', 1, true) then
    return redis.error_reply(pending.err)
  end
  for _, one in ipairs(pending) do
    local entry = redis.call('XRANGE', KEYS[i], one[1], one[1])[1]
    local job = entry and redis.call('HGET', KEYS[5], entry[2][2])
    if job then
      local id = entry[2][2]
      local began = redis.call('HGET', KEYS[6], id) or string.format('%d', now - one[3])
      for _, value in ipairs({ (i - 1) .. ':' .. one[1], one[2], id, job, began }) do
        found[#found + 1] = value
      end
    else
      redis.call('XACK', KEYS[i], GROUP, one[1])
      redis.call('XDEL', KEYS[i], one[1])
    end
  end
end
return found
