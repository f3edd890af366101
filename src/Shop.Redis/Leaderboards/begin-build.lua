-- Clears the board and opens it for the builder with this token.
--
-- KEYS[1]  marker  STRING the board's state
-- KEYS[2…] every key of the board
-- ARGV[1]  the marker's value while this builder builds
-- ARGV[2]  the builder's fencing token
-- Returns  1, or 0 when a later builder has begun: this one lost its lock
local state = redis.call('GET', KEYS[1])
local other = state and string.match(state, '^building:.*:(%d+)$')
if other and tonumber(other) > tonumber(ARGV[2]) then
  return 0
end

for key = 2, #KEYS do
  redis.call('UNLINK', KEYS[key])
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
