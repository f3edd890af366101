-- Up to when a schedule's ticks are settled.
--
-- KEYS[1] cron HASH   schedule -> up to when its ticks are settled, ms
-- ARGV[1] schedule   ARGV[2] what the caller knows to be settled, ms, or '' at its start
-- Returns  { now, settled }, both in ms
--
-- A schedule that is new begins now. One that a wipe took away begins where its callers know it was.
local time = redis.call('TIME')
local now = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
local settled = redis.call('HGET', KEYS[1], ARGV[1])
if not settled then
  settled = ARGV[2] ~= '' and ARGV[2] or now
  redis.call('HSET', KEYS[1], ARGV[1], settled)
end
return { now, settled }
