-- Sliding window, exact: the time of every permit taken within the last window, newest first. They are in order, so those
-- that have left the window are found by galloping (J. L. Bentley and A. C. Yao, 1976: an unbounded search doubles its step,
-- then halves); they are dropped when the next permit is taken.
--
-- State  LIST of µs, expires a window after the last permit
local function entry(limit, index)
  return tonumber(redis.call('LINDEX', limit.key, index) or nil)
end

-- The clock was set back, or the server that was failed over to is behind: the log moves along, so that nothing in it
-- lies in the future. Distances stay, and so does the promise.
local function move_back(limit, by)
  local times = redis.call('LRANGE', limit.key, 0, -1)
  redis.call('DEL', limit.key)
  for _, time in ipairs(times) do
    redis.call('RPUSH', limit.key, whole(time - by))
  end
  redis.call('PEXPIREAT', limit.key, expiry(limit.now + limit.window))
end

kinds.sliding = {
  read = function(limit)
    local now, window = limit.now, limit.window
    local newest = entry(limit, 0)
    if newest and newest > now then
      move_back(limit, newest - now)
    end

    limit.length = redis.call('LLEN', limit.key)
    -- Under steady traffic a few have left since the last call: the search begins at the oldest, where a list is quick to
    -- read, and doubles its step until it meets one that is in the window; only then it halves.
    local low, high, step = 0, limit.length, 1
    while low < high do
      local at = math.max(low, high - step)
      if entry(limit, at) + window > now then
        low = at + 1
        break
      end
      high = at
      step = step * 2
    end
    while low < high do
      local middle = math.floor((low + high) / 2)
      if entry(limit, middle) + window > now then
        low = middle + 1
      else
        high = middle
      end
    end
    limit.taken = low
  end,

  wait = function(limit, n)
    local over = limit.taken + n - limit.permits
    return over <= 0 and 0 or entry(limit, limit.taken - over) + limit.window - limit.now
  end,

  free = function(limit)
    return math.max(0, limit.permits - limit.taken)
  end,

  more = function(limit)
    return limit.taken > 0 and entry(limit, math.min(limit.taken, limit.permits) - 1) + limit.window - limit.now or 0
  end,

  take = function(limit, n)
    if limit.taken == 0 and limit.length > 0 then
      redis.call('DEL', limit.key)
    elseif limit.taken < limit.length then
      redis.call('LTRIM', limit.key, 0, limit.taken - 1)
    end
    local time = whole(limit.now)
    local length
    for _ = 1, n do
      length = redis.call('LPUSH', limit.key, time)
    end
    -- Only rejected requests that count can be too many; the newest decide.
    limit.taken = math.min(limit.taken + n, limit.permits)
    if length > limit.taken then
      redis.call('LTRIM', limit.key, 0, limit.taken - 1)
    end
    redis.call('PEXPIREAT', limit.key, expiry(limit.now + limit.window))
    limit.length = limit.taken
  end,
}
