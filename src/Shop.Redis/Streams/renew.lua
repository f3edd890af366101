-- Shows that the holder of entries lives: sets their idle time to zero, and leaves alone what is no longer its own.
--
-- KEYS[1]  the stream
-- ARGV[1]  group   ARGV[2] consumer   ARGV[3…] entry ids
-- Returns  the ids that are not this consumer's any more: acknowledged, taken over, or gone with a wipe
--
-- XCLAIM alone would steal back what another consumer took over while this one was paused. JUSTID counts no delivery.
local lost = {}
for i = 3, #ARGV do
    if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2]) == 0 then
        lost[#lost + 1] = ARGV[i]
    else
        redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
    end
end
return lost
