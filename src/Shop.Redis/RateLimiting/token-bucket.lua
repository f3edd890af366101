-- Token bucket as GCRA (ITU-T I.371, the generic cell rate algorithm): the state is when the bucket will be full. What is
-- missing is counted in parts: a permit is `window` parts and a microsecond brings `tokens`, so that any rate is exact.
--
-- State  STRING "<full at, µs> <parts, less than a µs brings>", expires when the bucket is full
local function store_bucket(limit)
  local time, parts = divide(limit.missing, limit.tokens)
  redis.call('SET', limit.key, string.format('%d %d', limit.now + time, parts), 'PXAT', expiry(limit.now + time))
end

kinds.bucket = {
  read = function(limit)
    limit.size = limit.permits * limit.window
    limit.missing = 0
    local full_at, parts = string.match(redis.call('GET', limit.key) or '', '^(%d+) (%d+)$')
    if full_at then
      -- It may have been written with another rate.
      parts = math.min(tonumber(parts), limit.tokens - 1)
      limit.missing = math.max(0, (full_at - limit.now) * limit.tokens + parts)
      if limit.missing > limit.size then
        -- The clock was set back, or the bucket made smaller: none is emptier than empty.
        limit.missing = limit.size
        store_bucket(limit)
      end
    end
  end,

  wait = function(limit, n)
    return math.max(0, divide_up(limit.missing + n * limit.window - limit.size, limit.tokens))
  end,

  free = function(limit)
    return (divide(limit.size - limit.missing, limit.window))
  end,

  more = function(limit)
    local rest = math.fmod(limit.missing, limit.window)
    if rest == 0 and limit.missing > 0 then
      rest = limit.window
    end
    return divide_up(rest, limit.tokens)
  end,

  take = function(limit, n)
    limit.missing = math.min(limit.missing + n * limit.window, limit.size)
    store_bucket(limit)
  end,
}
