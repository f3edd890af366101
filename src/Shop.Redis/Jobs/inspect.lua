-- One job. (job.lua and look.lua come first.)
--
-- ARGV[1] id
-- Returns  as describe in look.lua; nil when there is no such job
return describe(ARGV[1], milliseconds())
