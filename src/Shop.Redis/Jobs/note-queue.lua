-- Keeps a queue in the list of queues, and drops those that had no worker for long.
--
-- KEYS[1] queues ZSET  queue by when it last had a worker, ms
-- ARGV[1] queue   ARGV[2] how long a queue without a worker is listed, ms
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], string.format('%d', now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%d', now - ARGV[2]))
