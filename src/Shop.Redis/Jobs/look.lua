-- Shared by facts.lua, inspect.lua and list.lua, behind job.lua: what operators are shown. Reads only.

-- The id of the last entry that a stream's group was given, or nil when there is no group yet.
local function last_given(stream)
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  if groups.err or #groups == 0 then
    return nil
  end
  for n = 1, #groups[1], 2 do
    if groups[1][n] == 'last-delivered-id' then
      return groups[1][n + 1]
    end
  end
end

-- { id, job, failed attempts, progress, result, cancel reason, expiry, began, worker }; what is not there is ''.
local function describe(id, now)
  local job = read(id)
  if not job or lapsed(job, now) then
    return nil
  end
  local began, worker = '', ''
  if job.state == QUEUED then
    local stream, entry = entry_of(job)
    local pending = redis.pcall('XPENDING', stream, GROUP, entry, entry, 1)
    if not pending.err and #pending > 0 then
      worker = pending[1][2]
      began = redis.call('HGET', KEYS[13], id) or whole(now - pending[1][3])
    end
  end
  local described = { id, redis.call('HGET', KEYS[5], id) }
  for key = 9, 12 do
    described[#described + 1] = redis.call('HGET', KEYS[key], id) or ''
  end
  described[7], described[8], described[9] = redis.call('ZSCORE', KEYS[17], id) or '', began, worker
  return described
end
