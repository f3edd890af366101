-- Counts one submission once, in every window at the same time.
--
-- KEYS[1]  marker  STRING the board's state
-- KEYS[2]  seen    SET    ids of the submissions of that day
-- KEYS[3]  sum     STRING scratch for exact additions; gone when the script ends
-- KEYS[4…] for each window: board ZSET, state HASH player -> "<score> <time>"; if dense also
--          distinct ZSET (one entry per score) and counts HASH score -> players with it
-- ARGV[1]  the marker's value when the board is built
-- ARGV[2]  how the marker's value begins while it is being built (whole, for the builder itself)
-- ARGV[3]  best, latest or sum
-- ARGV[4]  1 if dense
-- ARGV[5]  player
-- ARGV[6]  score, decimal
-- ARGV[7]  time, 13 hex digits
-- ARGV[8]  submission id
-- ARGV[9]  ms to remember the id; 0 to neither check nor remember it
-- ARGV[10…] for each window: ms until it is forgotten, 0 for never
-- Returns  2 counted and moved, 1 counted without effect, 0 counted before, -1 the sum would overflow;
--          or the marker's value (nil: missing) when the board is neither built nor being built
local mode, dense, player, score, time, id = ARGV[3], ARGV[4] == '1', ARGV[5], ARGV[6], ARGV[7], ARGV[8]

-- While the board is being built, live submissions go in beside the builder's: the ids keep each from counting twice.
local state = redis.call('GET', KEYS[1])
if not state or (state ~= ARGV[1] and string.sub(state, 1, #ARGV[2]) ~= ARGV[2]) then
  return state
end

if ARGV[9] ~= '0' then
  if redis.call('SADD', KEYS[2], id) == 0 then
    return 0
  end
  redis.call('PEXPIRE', KEYS[2], ARGV[9])
end

-- On decimal strings, since a double would take neighbours for equals. Equal lengths compare digit by digit.
local function less(one, other)
  local negative = string.sub(one, 1, 1) == '-'
  if negative ~= (string.sub(other, 1, 1) == '-') then
    return negative
  end
  if #one ~= #other then
    return (#one < #other) ~= negative
  end
  return one ~= other and (one < other) ~= negative
end

-- Redis adds in 64 bits and refuses to overflow; nil then. Its reply would be a double here: the string is read back.
-- Up to 15 digits a double is exact, and Lua adds without a call.
local function add(one, other)
  if #one < 16 and #other < 16 then
    return string.format('%d', one + other)
  end
  redis.call('SET', KEYS[3], one)
  local sum = redis.pcall('INCRBY', KEYS[3], other)
  sum = type(sum) == 'number' and redis.call('GET', KEYS[3]) or nil
  redis.call('DEL', KEYS[3])
  return sum
end

-- All decided before anything is written: a sum that overflows in one window leaves the others as they are.
local step, windows = dense and 4 or 2, #ARGV - 9
local held, scores, times = {}, {}, {}
for window = 1, windows do
  local old = redis.call('HGET', KEYS[5 + (window - 1) * step], player)
  local new_score, new_time = score, time
  held[window] = old
  if old then
    local old_score, old_time = parse(old)
    if mode == 'best' then
      -- Equal scores: the earlier one counts.
      if less(score, old_score) or (score == old_score and time >= old_time) then
        new_score = nil
      end
    elseif mode == 'latest' then
      -- Equal times: the higher score counts, whichever comes first.
      if time < old_time or (time == old_time and not less(old_score, score)) then
        new_score = nil
      end
    else
      new_score = add(old_score, score)
      if not new_score then
        redis.call('SREM', KEYS[2], id)
        return -1
      end
      -- A sum was reached when its last part came.
      if new_time < old_time then
        new_time = old_time
      end
    end
  end
  scores[window], times[window] = new_score, new_time
end

local moved = 1
for window = 1, windows do
  local new_score = scores[window]
  if new_score then
    local at, old = 4 + (window - 1) * step, held[window]
    local board, states = KEYS[at], KEYS[at + 1]
    local rank, front = place(new_score)
    local old_score, old_time
    if old then
      old_score, old_time = parse(old)
      local _, old_front = place(old_score)
      redis.call('ZREM', board, old_front .. old_time .. player)
    end
    redis.call('ZADD', board, rank, front .. times[window] .. player)
    redis.call('HSET', states, player, new_score .. ' ' .. times[window])
    moved = 2

    if dense and old_score ~= new_score then
      local distinct, counts = KEYS[at + 2], KEYS[at + 3]
      if redis.call('HINCRBY', counts, new_score, 1) == 1 then
        redis.call('ZADD', distinct, rank, front .. new_score)
      end
      if old_score and redis.call('HINCRBY', counts, old_score, -1) == 0 then
        local _, old_front = place(old_score)
        redis.call('HDEL', counts, old_score)
        redis.call('ZREM', distinct, old_front .. old_score)
      end
    end

    -- A newcomer may have begun the keys: only then is an expiry set.
    local forget = ARGV[9 + window]
    if not old and forget ~= '0' then
      for key = at, at + step - 1 do
        redis.call('PEXPIRE', KEYS[key], forget)
      end
    end
  end
end

return moved
