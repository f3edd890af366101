-- Puts back what a wipe, or a failover to an older copy, took from Orleans' membership table.
--
-- KEYS[1]  the table: a hash of 'Version' and one row a silo
-- ARGV[1]  the version that this silo has seen
-- ARGV[2…] field, row, field, row: the rows of silos that were not dead when this silo last read the table
-- Returns  how many rows were put back; 0 when nothing was missing
--
-- A row that is there is never overwritten: it is newer than ours. The version goes past both the table's and ours, because
-- silos take no notice of a table whose version is not above the one they know.
local version = tonumber(redis.call('HGET', KEYS[1], 'Version')) or -1
local seen = tonumber(ARGV[1])
local restored = 0
for i = 2, #ARGV, 2 do
    restored = restored + redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1])
end
if restored > 0 or version < seen then
    redis.call('HSET', KEYS[1], 'Version', string.format('%d', math.max(version, seen) + 1))
end
return restored
