-- Takes the lock, or joins the queue for it, or says who holds it. Repeating it with the same owner changes nothing,
-- which is how a lost reply is resolved: ask again, and get the same token.
--
-- KEYS     see hand-over.lua
-- ARGV[1]  owner, "<instance>#<attempt>"
-- ARGV[2]  token memory, ms
-- ARGV[3]  prefix of the wake-up channels
-- ARGV[4]  ttl, ms
-- ARGV[5]  waiter expiry, ms, to join or stay in the queue; 0 to leave it if the lock cannot be had now
-- ARGV[6]  claim, ms: the ttl of a lock that is handed over
-- Returns  { 1, token } or { 0, "<token> <since> <owner>" of the holder, its remaining ms, now in µs, ticket }
local owner, ttl, patience, claim = ARGV[1], ARGV[4], tonumber(ARGV[5]), ARGV[6]

local held = redis.call('GET', KEYS[1])
if held and owner_of(held) == owner then
  -- Handed over, or an earlier reply was lost: from now on for the whole ttl.
  redis.call('PEXPIRE', KEYS[1], ttl)
  redis.call('PEXPIRE', KEYS[2], memory + ttl)
  return { 1, string.match(held, '^%d+') }
end

local now = microseconds()
if not held then
  -- The holder let it expire. Those who wait come first, in their order.
  local waiter, ticket, waiter_claim = first_waiter(now)
  if not waiter or waiter == owner then
    if waiter then
      forget(owner)
    end
    return { 1, grant(owner, ttl, now) }
  end
  hand_to(waiter, ticket, waiter_claim, now)
  held = redis.call('GET', KEYS[1])
end

local ticket = ''
if patience == 0 then
  forget(owner)
else
  local mine = redis.call('ZSCORE', KEYS[3], owner)
  if not mine then
    local last = redis.call('ZRANGE', KEYS[3], -1, -1, 'WITHSCORES')
    mine = now
    if #last > 0 and tonumber(last[2]) >= mine then
      mine = tonumber(last[2]) + 1
    end
    redis.call('ZADD', KEYS[3], whole(mine), owner)
  end
  ticket = whole(tonumber(mine))
  redis.call('HSET', KEYS[4], owner, whole(now + patience * 1000) .. ' ' .. claim)
  -- A queue in which nobody shows life any more vanishes as a whole. Waiters may bring different patience: the longest counts.
  if redis.call('PTTL', KEYS[3]) < patience then
    redis.call('PEXPIRE', KEYS[3], patience)
    redis.call('PEXPIRE', KEYS[4], patience)
  end
end

return { 0, held, redis.call('PTTL', KEYS[1]), whole(now), ticket }
