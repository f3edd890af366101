-- An entry, if it was loaded under these generations; else leave to load it, given to one at a time.
--
-- KEYS[1]  entry  HASH of stamp, data
-- KEYS[2]  load   HASH of id, stamp, waited
-- ARGV[1]  stamp
-- ARGV[2]  id of the load that the caller would begin
-- ARGV[3]  lease, ms
-- Returns  { 'hit', data }, { 'load' }, or { 'wait', ms } for how long another may take
local entry = redis.call('HMGET', KEYS[1], 'stamp', 'data')
if entry[1] == ARGV[1] then
  return { 'hit', entry[2] }
end

-- A load under other generations is nobody's hope: its result would not be read.
if redis.call('HGET', KEYS[2], 'stamp') == ARGV[1] then
  redis.call('HSET', KEYS[2], 'waited', '1')
  return { 'wait', redis.call('PTTL', KEYS[2]) }
end

redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'id', ARGV[2], 'stamp', ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return { 'load' }
