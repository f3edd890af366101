-- Fixed window: a counter, and when it ends. A window begins with the first permit that is taken in it.
--
-- State  STRING "<taken> <end, µs>", expires with the window
local function store_window(limit)
  redis.call('SET', limit.key, string.format('%d %d', limit.taken, limit.ends), 'PXAT', expiry(limit.ends))
end

kinds.fixed = {
  read = function(limit)
    local latest = limit.now + limit.window
    limit.taken, limit.ends = 0, latest
    local taken, ends = string.match(redis.call('GET', limit.key) or '', '^(%d+) (%d+)$')
    if taken and tonumber(ends) > limit.now then
      limit.taken, limit.ends = tonumber(taken), tonumber(ends)
      if limit.ends > latest then
        -- The clock was set back, or the window made shorter: it ends no later than one that begins now.
        limit.ends = latest
        store_window(limit)
      end
    end
  end,

  wait = function(limit, n)
    return limit.taken + n <= limit.permits and 0 or limit.ends - limit.now
  end,

  free = function(limit)
    return math.max(0, limit.permits - limit.taken)
  end,

  more = function(limit)
    return limit.taken > 0 and limit.ends - limit.now or 0
  end,

  take = function(limit, n)
    limit.taken = limit.taken + math.min(n, math.max(0, limit.permits - limit.taken))
    store_window(limit)
  end,
}
