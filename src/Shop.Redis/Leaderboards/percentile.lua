-- How many a player's score beats.
--
-- KEYS[1]  marker  STRING the board's state
-- KEYS[2]  board   ZSET
-- KEYS[3]  state   HASH player -> "<score> <time>"
-- ARGV[1]  the marker's value when the board is built
-- ARGV[2]  player
-- Returns  { players with a lower score, players }, { } when the player is not on the board;
--          the marker's value (nil: missing) when the board is not built
local state = redis.call('GET', KEYS[1])
if state ~= ARGV[1] then
  return state
end

local held = redis.call('HGET', KEYS[3], ARGV[2])
if not held then
  return {}
end

local rank, front = place((parse(held)))
local all = redis.call('ZCARD', KEYS[2])
return { all - count(KEYS[2], rank, front, true), all }
