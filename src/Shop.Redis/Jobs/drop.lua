-- Forgets a job that has ended. (job.lua comes first.)
--
-- ARGV[1] id
-- Returns  Done, NotFound or WrongState
local job = read(ARGV[1])
if not job or lapsed(job, milliseconds()) then
  return 'NotFound'
end
if not ENDED[job.state] then
  return 'WrongState'
end
forget(job.id, job.state)
return 'Done'
