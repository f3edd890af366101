-- Gives jobs to a worker: as many as it has room for and the queue's limits allow. Being given out is what counts as an attempt
-- (XREADGROUP makes the entry pending), before anything runs.
--
-- KEYS[1..4] front, high, normal, low STREAMs   KEYS[5] jobs HASH   KEYS[6] rate STRING: the time up to which begun jobs use the rate up, µs
-- ARGV[1] worker   ARGV[2] how many   ARGV[3] 1 to look at the lowest priority first
-- ARGV[4] how many of the queue may run, 0 for no limit   ARGV[5] µs per job, 0 for no limit   ARGV[6] burst
-- Returns  { 1 when the group had to be created, ms until the rate allows another or -1, now in ms, { stream, entry id, job id, job, … } }
local GROUP = 'workers'
local room, created, wait = tonumber(ARGV[2]), 0, -1
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function create_groups()
  for i = 1, 4 do
    local reply = redis.pcall('XGROUP', 'CREATE', KEYS[i], GROUP, '0', 'MKSTREAM')
    if reply.err and not string.find(reply.err, 'BUSYGROUP', 1, true) then
      return error(reply.err)
    end
  end
  created = 1
end

local limit = tonumber(ARGV[4])
if limit > 0 then
  for i = 1, 4 do
    local pending = redis.pcall('XPENDING', KEYS[i], GROUP)
    if not pending.err then
      limit = limit - pending[1]
    end
  end
  room = math.min(room, limit)
end

-- The rate as one number (GCRA): each job begun moves it ahead by its share, and it may be ahead of now by the burst.
local share, used_up, ahead = tonumber(ARGV[5]), nil, nil
if share > 0 then
  used_up = math.max(tonumber(redis.call('GET', KEYS[6]) or 0), now)
  ahead = now + share * tonumber(ARGV[6])
  room = math.min(room, math.floor((ahead - used_up) / share))
end

local given = {}
local order = ARGV[3] == '1' and { 1, 4, 3, 2 } or { 1, 2, 3, 4 }
for _, i in ipairs(order) do
  if room <= 0 then
    break
  end
  local reply = redis.pcall('XREADGROUP', 'GROUP', GROUP, ARGV[1], 'COUNT', room, 'STREAMS', KEYS[i], '>')
  if reply and reply.err then
    if not string.find(reply.err, 'NOGROUP', 1, true) then
      return redis.error_reply(reply.err)
    end
    create_groups()
    reply = redis.call('XREADGROUP', 'GROUP', GROUP, ARGV[1], 'COUNT', room, 'STREAMS', KEYS[i], '>')
  end
  if reply then
    local entries, ids = reply[1][2], {}
    for n, entry in ipairs(entries) do
      ids[n] = entry[2][2]
    end
    for n, job in ipairs(redis.call('HMGET', KEYS[5], unpack(ids))) do
      if job then
        local at = #given
        given[at + 1], given[at + 2], given[at + 3], given[at + 4] = i - 1, entries[n][1], ids[n], job
      else
        redis.call('XACK', KEYS[i], GROUP, entries[n][1])
        redis.call('XDEL', KEYS[i], entries[n][1])
      end
    end
    room = room - #entries
    if used_up then
      used_up = used_up + share * #entries
    end
  end
end

if used_up and used_up + share > ahead then
  wait = math.max(math.ceil((used_up + share - ahead) / 1000), 1)
end
if used_up and #given > 0 then
  redis.call('SET', KEYS[6], string.format('%d', used_up), 'PX', math.ceil((used_up - now) / 1000) + 1000)
end
return { created, wait, string.format('%d', math.floor(now / 1000)), given }
