-- A stretch of the board, from the top or around a player.
--
-- KEYS[1]  marker    STRING the board's state
-- KEYS[2]  board     ZSET
-- KEYS[3]  state     HASH player -> "<score> <time>"
-- KEYS[4]  distinct  ZSET one entry per score; read for dense ranks only
-- ARGV[1]  the marker's value when the board is built
-- ARGV[2]  player, or '' for the top
-- ARGV[3]  how many entries on each side of the player, or from the top
-- ARGV[4]  ordinal, competition or dense
-- Returns  { place of the first entry from 1, rank of the first entry, member, score, member, score, … };
--          { } when the player is not on the board; the marker's value (nil: missing) when the board is not built
local state = redis.call('GET', KEYS[1])
if state ~= ARGV[1] then
  return state
end

local player, reach, ranking = ARGV[2], tonumber(ARGV[3]), ARGV[4]
local from, to = 0, reach - 1
if player ~= '' then
  local held = redis.call('HGET', KEYS[3], player)
  if not held then
    return {}
  end
  local score, time = parse(held)
  local _, front = place(score)
  local index = redis.call('ZRANK', KEYS[2], front .. time .. player)
  from, to = math.max(index - reach, 0), index + reach
end

local page = redis.call('ZRANGE', KEYS[2], from, to, 'WITHSCORES')
local rank = from
if from > 0 and ranking ~= 'ordinal' then
  -- A double of 10^15 and more is printed with 16 digits or an exponent: such members begin with 19 digits.
  local exact = #string.match(page[2], '%d+$') > 15 or string.find(page[2], 'e', 1, true)
  rank = count(KEYS[ranking == 'dense' and 4 or 2], page[2], exact and string.sub(page[1], 1, 19) or '', false)
end
table.insert(page, 1, rank + 1)
table.insert(page, 1, from + 1)
return page
