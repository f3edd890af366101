-- Shared by the scripts of a board, in front of each: the order, exact for every 64-bit score.
--
-- A board is a ZSET read upwards, best first. Its score is the player's score negated, as a double: close, and cheap to
-- compare. Its member is what decides among equal doubles:
--
--   [19 digits, where the score has 16 digits or more] <13 hex digits: µs since 1970> <player>
--
-- Below 10^15 a double is exact and the time decides. Above, neighbouring scores share a double, and the digits (their
-- complement for a positive score) come first. Scores travel as decimal strings, since a Lua number
-- is a double too.
local nines = { ['0'] = '9', ['1'] = '8', ['2'] = '7', ['3'] = '6', ['4'] = '5', ['5'] = '4', ['6'] = '3', ['7'] = '2', ['8'] = '1', ['9'] = '0' }

-- The ZSET score, and the front of the ZSET member.
local function place(score)
  local digits = string.match(score, '%d+')
  local negative = #digits < #score
  local front = ''
  if #digits > 15 then
    front = string.rep('0', 19 - #digits) .. digits
    if not negative then
      front = string.gsub(front, '%d', nines)
    end
  end
  return negative and digits or '-' .. digits, front
end

-- What the state hash keeps for a player: "<score> <time>".
local function parse(held)
  return string.match(held, '^(%S+) (%S+)$')
end

-- How many entries come before every entry of this score or, with behind, up to its last one. Where a double is shared,
-- a marker entry finds the spot; nobody sees it, since scripts run alone. Times are hex digits: '~' sorts behind them.
local function count(key, rank, front, behind)
  if front == '' then
    return redis.call('ZCOUNT', key, '-inf', behind and rank or '(' .. rank)
  end
  local marker = front .. (behind and '~' or '')
  redis.call('ZADD', key, rank, marker)
  local index = redis.call('ZRANK', key, marker)
  redis.call('ZREM', key, marker)
  return index
end
