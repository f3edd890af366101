-- Shared by tidy.lua and facts.lua: reads what Redis tells about the groups of a stream.

-- The value of a name in a reply of names and values.
local function field(info, name)
    for i = 1, #info, 2 do
        if info[i] == name then
            return info[i + 1]
        end
    end
end

-- The id of a group's oldest pending entry, or nil.
local function oldest_pending(stream, info)
    if field(info, 'pending') == 0 then
        return nil
    end
    return redis.call('XPENDING', stream, field(info, 'name'))[2] or nil
end

-- The milliseconds in an entry's id.
local function milliseconds(id)
    return tonumber(string.match(id, '^(%d+)'))
end

local function now()
    local clock = redis.call('TIME')
    return clock[1] * 1000 + math.floor(clock[2] / 1000)
end
