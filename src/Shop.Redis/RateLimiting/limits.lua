-- Shared by decide.lua and inspect.lua, in front of each: the limits of a call, and the kinds that they are of.
--
-- KEYS[2i-1]  state of the i-th limit, see its kind
-- KEYS[2i]    STRING how many requests it refused lately
-- ARGV[5i-2]  kind: fixed, sliding or bucket
-- ARGV[5i-1]  permits: the most that may be taken at once
-- ARGV[5i]    window, µs; for a bucket the period that brings `tokens`
-- ARGV[5i+1]  tokens; 1 for windows
-- ARGV[5i+2]  1 if it counts rejected requests too
--
-- A kind has read(limit), which loads the state, and then
--   wait(limit, n)  µs until n permits are free; 0 when they are now
--   free(limit)     permits free now
--   more(limit)     µs until one more is free; 0 when all are
--   take(limit, n)  takes n, or what there is
-- Times are µs since 1970 and all numbers whole and below 2^53, so a Lua number holds them exactly.
local kinds = {}

local function microseconds()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function whole(number)
  return string.format('%d', number)
end

-- Quotient and remainder. The operators / and % round on the way.
local function divide(number, by)
  local rest = math.fmod(number, by)
  return (number - rest) / by, rest
end

local function divide_up(number, by)
  local quotient, rest = divide(number, by)
  return rest > 0 and quotient + 1 or quotient
end

-- When a key expires whose state means something until then. A moment and no duration: what SET and PEXPIRE take for now
-- need not be what TIME said.
local function expiry(time)
  return whole(math.ceil(time / 1000) + 1)
end

local function read_limits(now)
  local limits = {}
  for i = 1, #KEYS / 2 do
    local first = 5 * i - 2
    local limit = {
      kind = kinds[ARGV[first]],
      key = KEYS[2 * i - 1],
      refused_key = KEYS[2 * i],
      permits = tonumber(ARGV[first + 1]),
      window = tonumber(ARGV[first + 2]),
      tokens = tonumber(ARGV[first + 3]),
      counts_rejected = ARGV[first + 4] == '1',
      now = now,
      refuses = false,
      -- The kinds' own, named here because a table that grows later is laid out anew.
      taken = 0, ends = 0, length = 0, size = 0, missing = 0,
    }
    limit.kind.read(limit)
    limits[i] = limit
  end
  return limits
end
