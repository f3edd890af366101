-- Declares the board built, if this builder still builds it.
--
-- KEYS[1]  marker  STRING the board's state
-- ARGV[1]  the marker's value while this builder builds
-- ARGV[2]  the marker's value when the board is built
-- Returns  1, or 0 when the board was wiped or another builder has begun
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end

redis.call('SET', KEYS[1], ARGV[2])
return 1
