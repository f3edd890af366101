-- How far a group has come. (groups.lua comes first.)
--
-- KEYS[1]  the stream
-- ARGV[1]  group
-- Returns  { last delivered id, oldest pending id or '' }; false when there is no such group
if redis.call('EXISTS', KEYS[1]) == 0 then
    return false
end
for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    if field(info, 'name') == ARGV[1] then
        return { field(info, 'last-delivered-id'), oldest_pending(KEYS[1], info) or '' }
    end
end
return false
