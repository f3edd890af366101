-- The scores of some players; the order among so few is the caller's to find.
--
-- KEYS[1]  marker  STRING the board's state
-- KEYS[2]  state   HASH player -> "<score> <time>"
-- ARGV[1]  the marker's value when the board is built
-- ARGV[2…] players
-- Returns  for each player "<score> <time>", or '' when not on the board;
--          the marker's value (nil: missing) when the board is not built
local state = redis.call('GET', KEYS[1])
if state ~= ARGV[1] then
  return state
end

-- In pieces: Lua's stack does not take arguments without limit.
local found = {}
for first = 2, #ARGV, 1000 do
  local piece = redis.call('HMGET', KEYS[2], unpack(ARGV, first, math.min(first + 999, #ARGV)))
  for i = 1, #piece do
    found[#found + 1] = piece[i] or ''
  end
end
return found
