-- Shared by the scripts of a queue, in front of each: how a job is written down, and how it moves.
--
-- KEYS[1..4] front, high, normal, low  STREAMs  what waits for a worker or is with one (pending), entry { job }
-- KEYS[5]  jobs       HASH  id -> "<state> <priority> <attempt> <place> <enqueued, ms> <unique key>\n<what it is, JSON>"
-- KEYS[6]  scheduled  ZSET  id by the time it is due, ms
-- KEYS[7]  unique     HASH  unique key -> "<id>", or "<id> <until, ms>" once the job has succeeded
-- KEYS[8]  lapsing    ZSET  unique key by the time it lapses, ms
-- KEYS[9]  attempts   HASH  id -> its failed attempts, one JSON object a line
-- KEYS[10] progress   HASH  id -> "<at, ms> <percent> <message>"
-- KEYS[11] results    HASH  id -> JSON
-- KEYS[12] reasons    HASH  id -> why it was cancelled or is to be
-- KEYS[13] started    HASH  id -> when its attempt began, ms; noted with the first renewal of its lease
-- KEYS[14] succeeded, KEYS[15] dead, KEYS[16] cancelled  ZSETs  id by the time it ended, ms
-- KEYS[17] expiry     ZSET  id of a job that ended, by the time until when it is kept, ms
-- KEYS[18] workers    ZSET  worker by the time it last showed life, ms
--
-- The state is s (scheduled: the place is the time it is due), q (queued or running: the place is "<stream>:<entry id>", and it
-- runs while that entry is pending), z (succeeded), d (dead) or c (cancelled): the place is the time it ended.
local GROUP = 'workers'
local QUEUED, SCHEDULED, SUCCEEDED, DEAD, CANCELLED = 'q', 's', 'z', 'd', 'c'
local ENDED = { [SUCCEEDED] = KEYS[14], [DEAD] = KEYS[15], [CANCELLED] = KEYS[16] }

-- Below 2^53 for a long time, so a Lua number holds it exactly; but tostring would write it with an exponent.
local function whole(number)
  return string.format('%d', number)
end

local function milliseconds()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function read(id, record)
  record = record or redis.call('HGET', KEYS[5], id)
  if not record then
    return nil
  end
  local state, priority, attempt, place, enqueued, unique, what = string.match(record, '^(%a) (%d) (%d+) (%S+) (%d+) ([^\n]*)\n(.*)$')
  return { id = id, state = state, priority = priority, attempt = attempt, place = place, enqueued = enqueued, unique = unique, what = what }
end

local function write(job)
  redis.call('HSET', KEYS[5], job.id, table.concat({ job.state, job.priority, job.attempt, job.place, job.enqueued, job.unique }, ' ') .. '\n' .. job.what)
end

-- The stream's key and the entry id of a queued job's place.
local function entry_of(job)
  local stream, entry = string.match(job.place, '^(%d):(.*)$')
  return KEYS[stream + 1], entry
end

-- Stream 0 is the front: for what was given back, and has waited already.
local function queue(job, stream)
  job.state = QUEUED
  job.place = stream .. ':' .. redis.call('XADD', KEYS[stream + 1], '*', 'job', job.id)
  write(job)
end

local function schedule(job, due)
  job.state = SCHEDULED
  job.place = whole(due)
  redis.call('ZADD', KEYS[6], job.place, job.id)
  write(job)
end

-- The fence: an attempt is one entry of a stream, and what it says counts while that entry is pending. Whoever takes the job over
-- acknowledges the entry and moves the job to another, so that of two claims to one attempt the second finds nothing.
local function take(id, place, idle)
  local job = read(id)
  if not job or job.state ~= QUEUED or job.place ~= place then
    return nil
  end
  local stream, entry = entry_of(job)
  if idle and #redis.call('XPENDING', stream, GROUP, 'IDLE', idle, entry, entry, 1) == 0 then
    return nil
  end
  if redis.call('XACK', stream, GROUP, entry) == 0 then
    return nil
  end
  redis.call('XDEL', stream, entry)
  redis.call('HDEL', KEYS[13], id)
  return job
end

local function free(job, now, hold)
  if job.unique == '' or string.match(redis.call('HGET', KEYS[7], job.unique) or '', '^%S+') ~= job.id then
    return
  end
  if hold > 0 then
    redis.call('HSET', KEYS[7], job.unique, job.id .. ' ' .. whole(now + hold))
    redis.call('ZADD', KEYS[8], whole(now + hold), job.unique)
  else
    redis.call('HDEL', KEYS[7], job.unique)
  end
end

-- The id of the job that holds a unique key, or nil.
local function holder_of(unique, now)
  local held = redis.call('HGET', KEYS[7], unique)
  if not held then
    return nil
  end
  local id, till = string.match(held, '^(%S+) ?(%d*)$')
  if till ~= '' and tonumber(till) <= now then
    return nil
  end
  return id
end

local function hold(job)
  redis.call('HSET', KEYS[7], job.unique, job.id)
  redis.call('ZREM', KEYS[8], job.unique)
end

local function forget(id, state)
  for key = 9, 13 do
    redis.call('HDEL', KEYS[key], id)
  end
  redis.call('HDEL', KEYS[5], id)
  redis.call('ZREM', KEYS[17], id)
  if ENDED[state] then
    redis.call('ZREM', ENDED[state], id)
  end
end

-- The job has ended; it is kept for so long, or not at all.
local function finish(job, state, now, keep)
  if keep <= 0 then
    forget(job.id, state)
    return
  end
  job.state, job.place = state, whole(now)
  write(job)
  redis.call('ZADD', ENDED[state], job.place, job.id)
  redis.call('ZADD', KEYS[17], whole(now + keep), job.id)
end

local function cancelled(job, reason, now, keep)
  redis.call('HSET', KEYS[12], job.id, reason)
  free(job, now, 0)
  finish(job, CANCELLED, now, keep)
end

-- A job that has ended and whose time is up is as good as gone, though the janitor has not come yet.
local function lapsed(job, now)
  return ENDED[job.state] and now >= tonumber(redis.call('ZSCORE', KEYS[17], job.id) or 0)
end
