-- ARGV[3...] pairs: id of a failed job, and when it failed as it was saved.
-- Only what was saved goes, and only if it did not run again since.
-- Answers {1, removed, part of a flow, held by a worker, changed since}.
local removed, flow, locked, changed = 0, 0, 0, 0
for i = 3, #ARGV, 2 do
  local id = ARGV[i]
  if R('ZSCORE', B .. 'failed', id) ~= ARGV[i + 1] then
    changed = changed + 1
  elseif R('EXISTS', B .. id .. ':lock') == 1 then
    locked = locked + 1
  elseif in_flow(B .. id) then
    flow = flow + 1
  else
    R('ZREM', B .. 'failed', id)
    forget(id)
    removed = removed + 1
  end
end
if removed > 0 then event('cleaned', 'count', removed) end
return {1, removed, flow, locked, changed}
