-- Takes over pending entries that have been idle for long enough, in the order of their ids, one page at a time.
--
-- KEYS[1]  the stream
-- ARGV[1]  group   ARGV[2] consumer   ARGV[3] idle time, ms   ARGV[4] first id to look at   ARGV[5] page size
-- ARGV[6]  whose entries; '' for every consumer's
-- Returns  { where the next page begins, or '' after the last, { entry, … } }
--
-- XAUTOCLAIM looks at ten times its COUNT and reads from one position only; XPENDING with IDLE finds exactly these. JUSTID
-- leaves the delivery count alone: a delivery is counted when it begins (recount.lua). XCLAIM drops deleted entries itself.
local whose = ARGV[6] ~= '' and { ARGV[6] } or {}
local pending = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3], ARGV[4], '+', ARGV[5], unpack(whose))
if #pending == 0 then
    return { '', {} }
end
local ids = {}
for i, entry in ipairs(pending) do
    ids[i] = entry[1]
end
ids[#ids + 1] = 'JUSTID'
local entries = {}
for i, id in ipairs(redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], unpack(ids))) do
    entries[i] = redis.call('XRANGE', KEYS[1], id, id)[1]
end
local more = #pending == tonumber(ARGV[5])
return { more and '(' .. pending[#pending][1] or '', entries }
