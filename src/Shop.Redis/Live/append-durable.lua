-- Appends an item that the application has numbered, and pushes it to whoever reads. One step, so that the stream and the
-- push never disagree about what is there.
--
-- KEYS[1]  stream   STREAM, ids "<sequence>-0"
-- ARGV[1]  sequence
-- ARGV[2]  item, JSON
-- ARGV[3]  traceparent, or ""
-- ARGV[4]  items to keep, roughly
-- ARGV[5]  expiry, ms
-- ARGV[6]  channel
-- ARGV[7]  sequence of an earlier item that this one takes back, or ""
-- Returns  1 when the stream has taken it, 0 when it holds this sequence or a later one
if ARGV[7] ~= '' then
  -- Before the append, so that no reader sees the one beside the other. The hole sends readers to the history.
  redis.call('XDEL', KEYS[1], ARGV[7] .. '-0')
end

local added = redis.pcall('XADD', KEYS[1], 'MAXLEN', '~', ARGV[4], ARGV[1] .. '-0', 'data', ARGV[2], 'traceparent', ARGV[3])
local taken = 1
if type(added) == 'table' and added.err then
  -- A stream only grows upwards. A repeat is there already; one that comes late leaves a hole, which readers fill from the
  -- history. Any other error (out of memory, a key of another type) is the caller's.
  if not string.find(added.err, 'equal or smaller', 1, true) then
    return added
  end
  taken = 0
end

redis.call('PEXPIRE', KEYS[1], ARGV[5])
-- Pushed in any case: a reader that has it drops it, and one that waits for a late one gets it.
redis.call('PUBLISH', ARGV[6], ARGV[1] .. ' ' .. ARGV[3] .. '\n' .. ARGV[2])
return taken
