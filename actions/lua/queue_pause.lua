-- Answers {code, jobs that are held}. What runs goes on to its end.
if is_paused() then return {0, 0} end
local held = R('LLEN', B .. 'wait')
if major < 6 and held > 0 then
  if R('EXISTS', B .. 'paused') == 0 then
    R('RENAME', B .. 'wait', B .. 'paused')
  else
    -- RENAME would lose what an interrupted resume left there.
    for _ = 1, held do R('RPOPLPUSH', B .. 'wait', B .. 'paused') end
  end
end
R('HSET', B .. 'meta', 'paused', 1)
if bull4 then
  R('SET', B .. 'meta-paused', 1)
  R('PUBLISH', B .. 'paused', 'paused')
end
if major >= 5 then R('DEL', B .. 'marker') end
event('paused')
return {1, held}
