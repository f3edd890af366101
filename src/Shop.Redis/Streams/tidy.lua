-- One round of housekeeping: notes that this group lives, trims what no group needs any more, and measures.
--
-- KEYS[1]  the stream   KEYS[2] hash: group -> when it was last alive (ms)
-- ARGV[1]  this group   ARGV[2] grace of groups without a living consumer, ms   ARGV[3] entries to keep for people
-- Returns  { trimmed, length, groups past their grace (comma-separated), pending, oldest pending id or '', lag or -1, consumers }
--
-- An entry is needed by a group while it is pending there or not yet delivered: so the stream may go up to the smallest
-- "oldest pending, else last delivered" of all groups. XTRIM MAXLEN would drop unread entries; MINID with that bound cannot.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('HSET', KEYS[2], ARGV[1], now)

local function compare(a, b)
    local ams, aseq = string.match(a, '^(%d+)-(%d+)$')
    local bms, bseq = string.match(b, '^(%d+)-(%d+)$')
    if ams ~= bms then
        return tonumber(ams) < tonumber(bms) and -1 or 1
    end
    return tonumber(aseq) < tonumber(bseq) and -1 or (aseq == bseq and 0 or 1)
end

local function field(info, name)
    for i = 1, #info, 2 do
        if info[i] == name then
            return info[i + 1]
        end
    end
end

local bound, absent, pending, oldest, lag, consumers = nil, {}, 0, '', -1, 0
for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local group = field(info, 'name')
    local needed = field(info, 'last-delivered-id')
    local first = ''
    if field(info, 'pending') > 0 then
        first = redis.call('XPENDING', KEYS[1], group)[2] or ''
    end
    if first ~= '' then
        needed = first
    end
    local seen = redis.call('HGET', KEYS[2], group)
    if not seen then
        redis.call('HSET', KEYS[2], group, now)
        seen = now
    end
    if now - tonumber(seen) > tonumber(ARGV[2]) then
        absent[#absent + 1] = group
    elseif not bound or compare(needed, bound) < 0 then
        bound = needed
    end
    if group == ARGV[1] then
        pending, oldest, lag, consumers = field(info, 'pending'), first, field(info, 'lag') or -1, field(info, 'consumers')
    end
end

local trimmed = 0
local length = redis.call('XLEN', KEYS[1])
local surplus = length - tonumber(ARGV[3])
if bound and surplus > 0 then
    -- The entries kept for people are the newest ones; of the rest, those below the bound go. LIMIT keeps one round short.
    local kept = tonumber(ARGV[3]) > 0 and redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', ARGV[3]) or {}
    local oldest_kept = #kept > 0 and kept[#kept][1] or nil
    if oldest_kept and compare(oldest_kept, bound) < 0 then
        bound = oldest_kept
    end
    trimmed = redis.call('XTRIM', KEYS[1], 'MINID', '~', bound, 'LIMIT', 100000)
end
return { trimmed, length - trimmed, table.concat(absent, ','), pending, oldest, lag, consumers }
