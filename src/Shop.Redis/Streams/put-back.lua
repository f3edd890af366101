-- Puts a dead entry back on its stream, for the group that failed on it, and removes it from the dead.
--
-- KEYS[1]  the stream   KEYS[2] its dead-letter stream
-- ARGV[1]  the dead entry's id   ARGV[2] the wake channel
-- Returns  the new entry's id; false when there is no such dead entry
--
-- The event keeps its id: inboxes that have seen it go on ignoring it. 'group' tells the other groups to pass it over.
local entry = redis.call('XRANGE', KEYS[2], ARGV[1], ARGV[1])
if #entry == 0 then
    return false
end
local fields, group = {}, nil
for i = 1, #entry[1][2], 2 do
    local name, value = entry[1][2][i], entry[1][2][i + 1]
    if name == 'dead-group' then
        group = value
    elseif string.sub(name, 1, 5) ~= 'dead-' and name ~= 'group' then
        fields[#fields + 1] = name
        fields[#fields + 1] = value
    end
end
fields[#fields + 1] = 'group'
fields[#fields + 1] = group or ''
local id = redis.call('XADD', KEYS[1], '*', unpack(fields))
redis.call('XDEL', KEYS[2], ARGV[1])
redis.call('PUBLISH', ARGV[2], '')
return id
