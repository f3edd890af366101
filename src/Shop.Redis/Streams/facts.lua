-- What an operator asks about a stream and its groups. (groups.lua comes first.)
--
-- KEYS[1]  the stream   KEYS[2] its dead-letter stream
-- Returns  { length, dead letters, { { group, lag or -1, pending, age of the oldest pending in ms, { { consumer, pending, idle ms }, … } }, … } }
local time = now()
local groups = {}
if redis.call('EXISTS', KEYS[1]) == 1 then
    for i, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
        local oldest = oldest_pending(KEYS[1], info)
        local consumers = {}
        for j, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], field(info, 'name'))) do
            consumers[j] = { field(consumer, 'name'), field(consumer, 'pending'), field(consumer, 'idle') }
        end
        groups[i] = {
            field(info, 'name'), field(info, 'lag') or -1, field(info, 'pending'),
            oldest and math.max(time - milliseconds(oldest), 0) or 0, consumers,
        }
    end
end
return { redis.call('XLEN', KEYS[1]), redis.call('XLEN', KEYS[2]), groups }
