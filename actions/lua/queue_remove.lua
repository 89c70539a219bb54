-- ARGV[3] id of a job. Answers {code}.
local id = ARGV[3]
local key = B .. id
if R('EXISTS', key) == 0 then return {-1} end
if R('EXISTS', key .. ':lock') == 1 then return {-2} end
if in_flow(key) then return {-4} end
-- The next run is made by the one before it: without it none follows.
if string.sub(id, 1, 7) == 'repeat:' and R('ZSCORE', B .. 'delayed', id) then
  return {-8}
end
local prev = 'unknown'
for _, set in ipairs({'completed', 'failed', 'delayed', 'prioritized',
    'waiting-children'}) do
  if R('ZREM', B .. set, id) == 1 then prev = set end
end
for _, list in ipairs({'wait', 'paused', 'active'}) do
  if R('LREM', B .. list, 0, id) > 0 then prev = list end
end
if major <= 3 then R('ZREM', B .. 'priority', id) end
forget(id)
event('removed', 'jobId', id, 'prev', prev)
return {1}
