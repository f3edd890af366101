-- Moves an entry to the dead-letter stream: append there, then acknowledge here, in one step, so that it is never in neither.
--
-- KEYS[1]  the stream   KEYS[2] its dead-letter stream
-- ARGV[1]  group   ARGV[2] entry id   ARGV[3] reason   ARGV[4] exception (may be empty)   ARGV[5] deliveries
-- Returns  the dead entry's id; false when the entry was not pending (acknowledged, or the stream was wiped)
--
-- The copy keeps the entry's own fields and adds dead-*: what a person needs to decide, and what putting back needs to know.
-- An entry of thousands of fields (no event: written by hand) would not fit Lua's stack, so it is kept as one JSON field.
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then
    return false
end
local entry = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
local dead = false
if #entry > 0 then
    local fields = entry[1][2]
    if #fields > 2000 then
        fields = { 'dead-fields', cjson.encode(fields) }
    end
    for _, value in ipairs({
        'dead-group', ARGV[1], 'dead-entry', ARGV[2], 'dead-reason', ARGV[3],
        'dead-exception', ARGV[4], 'dead-deliveries', ARGV[5], 'dead-at', redis.call('TIME')[1],
    }) do
        fields[#fields + 1] = value
    end
    dead = redis.call('XADD', KEYS[2], '*', unpack(fields))
end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return dead
