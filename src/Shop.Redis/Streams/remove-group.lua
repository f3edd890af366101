-- Removes a group that nobody consumes. (groups.lua comes first.)
--
-- KEYS[1]  the stream   KEYS[2] hash: group -> when it was last alive (ms)   KEYS[3] the group's lease
-- ARGV[1]  group   ARGV[2] how long it must have been silent, ms
-- Returns  0 removed, 1 there is no such group, 2 a consumer showed life since
local exists = false
if redis.call('EXISTS', KEYS[1]) == 1 then
    for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
        exists = exists or field(info, 'name') == ARGV[1]
    end
end
if not exists then
    return 1
end
local seen = redis.call('HGET', KEYS[2], ARGV[1])
if seen and now() - tonumber(seen) < tonumber(ARGV[2]) then
    return 2
end
redis.call('XGROUP', 'DESTROY', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('DEL', KEYS[3])
return 0
