-- Shared by acquire.lua and release.lua, in front of each: how a lock is granted and who is next.
--
-- KEYS[1] lock     STRING "<token> <since, µs> <owner>", expires with the lock
-- KEYS[2] token    STRING the last fencing token of this resource
-- KEYS[3] queue    ZSET   waiting owner by ticket (µs of arrival, strictly growing): first in, first out
-- KEYS[4] waiters  HASH   waiting owner -> "<alive until, µs> <claim, ms>"
local memory, channels = ARGV[2], ARGV[3]

-- Below 2^53 until the year 2255, so a Lua number holds it exactly.
local function microseconds()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function whole(number)
  return string.format('%d', number)
end

local function owner_of(held)
  return string.match(held, '^%d+ %d+ (.*)$')
end

-- The clock makes tokens grow across a wipe, the remembered token across a clock set back.
local function grant(owner, ttl, now)
  local token, last = now, redis.call('GET', KEYS[2])
  if last and tonumber(last) >= token then
    token = tonumber(last) + 1
  end
  token = whole(token)
  redis.call('SET', KEYS[2], token, 'PX', memory + ttl)
  redis.call('SET', KEYS[1], token .. ' ' .. whole(now) .. ' ' .. owner, 'PX', ttl)
  return token
end

local function forget(owner)
  redis.call('ZREM', KEYS[3], owner)
  redis.call('HDEL', KEYS[4], owner)
end

-- The first waiter that has shown life lately; the dead ones before it are dropped, so that they block nobody.
local function first_waiter(now)
  while true do
    local head = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
    if #head == 0 then
      return nil
    end
    local alive, claim = string.match(redis.call('HGET', KEYS[4], head[1]) or '0 0', '^(%d+) (%d+)$')
    if tonumber(alive) >= now then
      return head[1], tonumber(head[2]), tonumber(claim)
    end
    forget(head[1])
  end
end

-- The lock passes on inside this script, without a moment in which a newcomer could take it. It is granted for the
-- claim time only: should the waiter have died just now, the next one does not wait for a whole ttl.
local function hand_to(waiter, ticket, claim, now)
  forget(waiter)
  local token = grant(waiter, claim, now)
  redis.call('PUBLISH', channels .. string.match(waiter, '^(.*)#%d+$'), waiter .. ' ' .. whole(ticket) .. ' ' .. token)
end
