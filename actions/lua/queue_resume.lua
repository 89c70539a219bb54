-- Answers {code, jobs that were held}. A list "paused" is put back in every
-- dialect: the queue may have changed its library while it was held.
local was = is_paused()
R('HDEL', B .. 'meta', 'paused')
if bull4 then R('DEL', B .. 'meta-paused') end
local held = R('LLEN', B .. 'paused')
if held > 0 then
  if R('EXISTS', B .. 'wait') == 0 then
    R('RENAME', B .. 'paused', B .. 'wait')
  else
    -- Held jobs are the older ones: to the tail, where the next is taken.
    for _ = 1, held do R('RPUSH', B .. 'wait', R('LPOP', B .. 'paused')) end
  end
end
if bull4 then R('PUBLISH', B .. 'paused', 'resumed') end
wake_for_priority()
if major >= 5 then
  local next = R('ZRANGE', B .. 'delayed', 0, 0, 'WITHSCORES')[2]
  if R('LLEN', B .. 'wait') + R('ZCARD', B .. 'prioritized') > 0 then
    wake()
  elseif next then
    R('ZADD', B .. 'marker', tonumber(next) / 4096, '1')
  end
end
if not was and held == 0 then return {0, 0} end
event('resumed')
return {1, held}
