-- ARGV[3] "1": the attempts count from zero again; ARGV[4...] ids of jobs.
-- Answers {1, retried, gone, held by a worker, not failed any more}.
local retried, gone, locked, elsewhere = 0, 0, 0, 0
for i = 4, #ARGV do
  local id = ARGV[i]
  if not R('ZSCORE', B .. 'failed', id) then
    elsewhere = elsewhere + 1
  elseif R('EXISTS', B .. id) == 0 then
    gone = gone + 1
  elseif R('EXISTS', B .. id .. ':lock') == 1 then
    locked = locked + 1
  else
    retry(id, ARGV[3] == '1')
    retried = retried + 1
  end
end
return {1, retried, gone, locked, elsewhere}
