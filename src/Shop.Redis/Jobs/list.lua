-- Jobs in one state, a page at a time. (job.lua and look.lua come first.)
--
-- ARGV[1] state: Scheduled, Queued, Running, Succeeded, Dead or Cancelled   ARGV[2] where the page begins: '' for the first   ARGV[3] how many
-- Returns  { where the next page begins, or '', { job as describe in look.lua, … } }
local SETS = { Scheduled = KEYS[6], Succeeded = KEYS[14], Dead = KEYS[15], Cancelled = KEYS[16] }
local state, from, take = ARGV[1], ARGV[2], tonumber(ARGV[3])
local now, ids, next = milliseconds(), {}, ''

if SETS[state] then
  local first = tonumber(from) or 0
  ids = redis.call(state == 'Scheduled' and 'ZRANGE' or 'ZREVRANGE', SETS[state], first, first + take - 1)
  next = #ids == take and whole(first + take) or ''
else
  -- A place names the last one seen. What waits are the entries that no worker was given yet; what runs are the pending ones.
  local first, after = string.match(from, '^(%d):(.*)$')
  for i = (first or 0) + 1, 4 do
    local entries = {}
    if state == 'Running' then
      local pending = redis.pcall('XPENDING', KEYS[i], GROUP, after and '(' .. after or '-', '+', take - #ids)
      for _, one in ipairs(pending.err and {} or pending) do
        entries[#entries + 1] = redis.call('XRANGE', KEYS[i], one[1], one[1])[1]
      end
    else
      after = after or last_given(KEYS[i])
      entries = redis.call('XRANGE', KEYS[i], after and '(' .. after or '-', '+', 'COUNT', take - #ids)
    end
    for _, entry in ipairs(entries) do
      ids[#ids + 1] = entry[2][2]
    end
    if #ids == take then
      next = (i - 1) .. ':' .. entries[#entries][1]
      break
    end
    after = nil
  end
end

local jobs = {}
for _, id in ipairs(ids) do
  local job = describe(id, now)
  if job and (state ~= 'Queued' or job[9] == '') then
    jobs[#jobs + 1] = job
  end
end
return { next, jobs }
