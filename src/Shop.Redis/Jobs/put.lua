-- Shared by enqueue.lua and cron-run.lua, behind job.lua: puts one new job where it belongs.
--
-- due is '' for at once, '+<ms>' from now, or '<ms>' since 1970.
-- Returns  the id of the job that stands in its way, or nil; and whether it waits for its time
local function put(id, known, priority, due, unique, what, now)
  if known then
    local job = read(id, known)
    if not lapsed(job, now) then
      return id
    end
    forget(id, job.state)
  end
  local job = { id = id, priority = priority, attempt = 1, enqueued = whole(now), unique = unique, what = what }
  if unique ~= '' then
    local holder = holder_of(unique, now)
    if holder then
      return holder
    end
    hold(job)
  end
  if string.sub(due, 1, 1) == '+' then
    due = now + tonumber(due)
  end
  if due ~= '' and tonumber(due) > now then
    schedule(job, tonumber(due))
    return nil, true
  end
  queue(job, priority)
  return nil, false
end
