-- Numbers an item, appends it, and pushes it to whoever reads.
--
-- KEYS[1]  stream   STREAM, ids "<epoch>-<sequence>"
-- ARGV[1]  item, JSON
-- ARGV[2]  traceparent, or ""
-- ARGV[3]  items to keep, roughly
-- ARGV[4]  expiry, ms
-- ARGV[5]  channel
-- Returns  the entry's id
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local epoch, sequence
if #last == 0 then
  -- A new life of the log, named by Redis's clock in µs: nobody can take it for the one before. Below 2^53 until 2255.
  local time = redis.call('TIME')
  epoch, sequence = string.format('%d', time[1] * 1000000 + time[2]), '1'
else
  local number
  epoch, number = string.match(last[1][1], '^(%d+)-(%d+)$')
  if number == '0' then
    return redis.error_reply('ERR the log is durable: its items are numbered by the application')
  end
  sequence = string.format('%d', tonumber(number) + 1)
end

local id = epoch .. '-' .. sequence
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], id, 'data', ARGV[1], 'traceparent', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', ARGV[5], id .. ' ' .. ARGV[2] .. '\n' .. ARGV[1])
return id
