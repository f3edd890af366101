-- Gives the lock up, or leaves the queue, whichever this owner is in; the next waiter gets the lock in the same step.
-- Another owner's lock is never touched.
--
-- KEYS     see hand-over.lua
-- ARGV[1]  owner
-- ARGV[2]  token memory, ms
-- ARGV[3]  prefix of the wake-up channels
-- ARGV[4]  1 to leave the queue as well: an attempt that is given up may stand there
-- Returns  1 when the owner held the lock, else 0
local owner = ARGV[1]
if ARGV[4] == '1' then
  forget(owner)
end

local held = redis.call('GET', KEYS[1])
if not held or owner_of(held) ~= owner then
  return 0
end

local now = microseconds()
local waiter, ticket, claim = first_waiter(now)
if waiter then
  hand_to(waiter, ticket, claim, now)
else
  redis.call('DEL', KEYS[1])
end
return 1
