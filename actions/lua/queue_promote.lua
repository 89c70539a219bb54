-- ARGV[3] id of a delayed job, which is made runnable now. Answers {code}.
local id = ARGV[3]
if R('EXISTS', B .. id) == 0 then return {-1} end
if R('ZREM', B .. 'delayed', id) == 0 then return {-3} end
R('HSET', B .. id, 'delay', 0)
enqueue(id)
if bull4 then R('PUBLISH', B .. 'waiting@', id) end
event('waiting', 'jobId', id, 'prev', 'delayed')
return {1}
