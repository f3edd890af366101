-- Removes a consumer that has nothing pending. XGROUP DELCONSUMER alone would throw pending entries away.
--
-- KEYS[1]  the stream
-- ARGV[1]  group   ARGV[2] consumer
-- Returns  1 when it was removed, 0 when it has pending entries
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) > 0 then
    return 0
end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1
