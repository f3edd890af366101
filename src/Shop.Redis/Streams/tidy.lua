-- One round of housekeeping: notes that this group lives, and trims what no group needs any more. (groups.lua comes first.)
--
-- KEYS[1]  the stream   KEYS[2] hash: group -> when it was last alive (ms)
-- ARGV[1]  this group   ARGV[2] grace of groups without a living consumer, ms   ARGV[3] entries to keep for people
-- Returns  { trimmed, { group past its grace, … } }
--
-- An entry is needed by a group while it is pending there or not yet delivered: so the stream may go up to the smallest
-- "oldest pending, else last delivered" of all groups. XTRIM MAXLEN would drop unread entries; MINID with that bound cannot.
local time = now()
redis.call('HSET', KEYS[2], ARGV[1], time)

local function less(a, b)
    local ams, bms = milliseconds(a), milliseconds(b)
    if ams ~= bms then
        return ams < bms
    end
    return tonumber(string.match(a, '%d+$')) < tonumber(string.match(b, '%d+$'))
end

local bound, absent, exists = nil, {}, {}
for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local group = field(info, 'name')
    exists[group] = true
    local needed = oldest_pending(KEYS[1], info) or field(info, 'last-delivered-id')
    local seen = redis.call('HGET', KEYS[2], group)
    if not seen then
        redis.call('HSET', KEYS[2], group, time)
        seen = time
    end
    if time - tonumber(seen) > tonumber(ARGV[2]) then
        absent[#absent + 1] = group
    elseif not bound or less(needed, bound) then
        bound = needed
    end
end
for _, group in ipairs(redis.call('HKEYS', KEYS[2])) do
    if not exists[group] then
        redis.call('HDEL', KEYS[2], group)
    end
end

-- A group that is about to be created here may want to begin with what the others no longer need.
if not exists[ARGV[1]] then
    return { 0, absent }
end

-- What is kept for people are the newest entries: so no more than the surplus goes, and of that only what is below the bound.
-- '~' takes whole nodes (100 entries each), and LIMIT then counts what is deleted.
local trimmed = 0
local surplus = redis.call('XLEN', KEYS[1]) - tonumber(ARGV[3])
if bound and surplus > 0 then
    trimmed = redis.call('XTRIM', KEYS[1], 'MINID', '~', bound, 'LIMIT', math.min(surplus, 100000))
end
return { trimmed, absent }
