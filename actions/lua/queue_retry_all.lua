-- ARGV[3] "1": the attempts count from zero again; ARGV[4] at most so many;
-- ARGV[5] only what failed until then (ms), which fixes the set; ARGV[6] so
-- many at its front were passed over before.
-- Answers {1, retried, ids without a job, held by a worker, left}.
local ids = R('ZRANGEBYSCORE', B .. 'failed', '-inf', ARGV[5],
  'LIMIT', ARGV[6], ARGV[4])
local retried, orphans, locked = 0, 0, 0
for _, id in ipairs(ids) do
  if R('EXISTS', B .. id) == 0 then
    -- Nothing can run it, and it would be met again by every round.
    R('ZREM', B .. 'failed', id)
    orphans = orphans + 1
  elseif R('EXISTS', B .. id .. ':lock') == 1 then
    locked = locked + 1
  else
    retry(id, ARGV[3] == '1')
    retried = retried + 1
  end
end
return {1, retried, orphans, locked,
  R('ZCOUNT', B .. 'failed', '-inf', ARGV[5])}
