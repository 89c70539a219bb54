-- One step of one queue in the key layout of BullMQ 5, as one atomic script:
-- what its producers, its workers and their stalled check do in a moment.
-- KEYS[1] = "bull:<queue>:"; all other keys are derived from it.
-- ARGV[1] = JSON:
--   now      ms since 1970         token    of our locks      lock  ms
--   work     workers are alive     take     free places       check ms, 0: no
--   keep_ok, keep_bad              finished jobs that are kept
--   finish   [{id, value | reason, stack, retry (ms)}]
--   add      [{name, data, opts, priority, delay}]
--   renew    [id]                  by     worker's name, or null
--   seed     [{name, data, opts, at, start, stop, value | reason, stack}]
--   version, minutes, minutes_bad  for a queue that does not exist yet
-- Returns JSON: taken [{id, name, tried}], lost [id], known, held and the
-- length of every state.
local base = KEYS[1]
local a = cjson.decode(ARGV[1])
local call = redis.call
local meta, marker = base .. 'meta', base .. 'marker'
local active, delayed = base .. 'active', base .. 'delayed'
local known = call('EXISTS', meta) == 1

local function given(v)
  return v ~= nil and v ~= cjson.null
end

if not known and given(a.version) then
  call('HSET', meta, 'version', a.version, 'opts.maxLenEvents', '10000')
end
local held = call('HEXISTS', meta, 'paused') == 1
local max_events = call('HGET', meta, 'opts.maxLenEvents') or '10000'

local function event(...)
  call('XADD', base .. 'events', 'MAXLEN', '~', max_events, '*', 'event', ...)
end

-- A global concurrency that is reached: more work must not wake anyone.
local function full()
  local limit = tonumber(call('HGET', meta, 'concurrency') or '')
  return limit ~= nil and call('LLEN', active) >= limit
end

local function wake()
  if not held and not full() then
    call('ZADD', marker, 0, '0')
  end
end

local function enqueue(id, priority)
  if priority > 0 then
    local n = call('INCR', base .. 'pc')
    call('ZADD', base .. 'prioritized',
      priority * 4294967296 + n % 4294967296, id)
  else
    call('LPUSH', base .. (held and 'paused' or 'wait'), id)
  end
  wake()
end

-- The low 12 bits of the score keep the order within one millisecond.
local function put_off(id, due)
  local score, top = due * 4096, due * 4096 + 4095
  local last = call('ZREVRANGEBYSCORE', delayed, top, score, 'WITHSCORES',
    'LIMIT', 0, 1)
  if last[2] then
    score = math.min(tonumber(last[2]) + 1, top)
  end
  call('ZADD', delayed, score, id)
  event('delayed', 'jobId', id, 'delay', string.format('%.0f', due))
  if not held then
    local first = call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
    call('ZADD', marker, math.floor(tonumber(first[2]) / 4096), '1')
  end
end

-- Closed minutes, newest first, as the metrics option of a worker keeps them.
local function count_minute(kind)
  local key = base .. 'metrics:' .. kind
  local count = call('HINCRBY', key, 'count', 1) - 1
  local before = tonumber(call('HGET', key, 'prevTS') or '')
  if not before then
    call('HSET', key, 'prevTS', a.now, 'prevCount', 0)
    return
  end
  local minutes = math.min(math.floor((a.now - before) / 60000), 120)
  if minutes < 1 then return end
  local old = tonumber(call('HGET', key, 'prevCount') or '0')
  call('LPUSH', key .. ':data', count - old)
  for _ = 2, minutes do call('LPUSH', key .. ':data', 0) end
  call('LTRIM', key .. ':data', 0, 119)
  call('HSET', key, 'prevCount', count, 'prevTS', a.now)
end

local function trim(state, keep)
  local old = call('ZREVRANGE', base .. state, keep, keep + 99)
  for _, id in ipairs(old) do
    call('DEL', base .. id, base .. id .. ':logs')
    call('ZREM', base .. state, id)
  end
end

local function fail(id, reason)
  local key = base .. id
  call('HSET', key, 'failedReason', reason, 'finishedOn', a.now)
  call('ZADD', base .. 'failed', a.now, id)
  event('failed', 'jobId', id, 'failedReason', reason, 'prev', 'active')
  count_minute('failed')
  trim('failed', a.keep_bad)
end

-- False when the lock is no longer ours: someone else owns the job by now.
local function finish(f)
  local key = base .. f.id
  if call('GET', key .. ':lock') ~= a.token then return false end
  call('DEL', key .. ':lock')
  call('SREM', base .. 'stalled', f.id)
  if call('LREM', active, -1, f.id) == 0 then return false end
  local tried = call('HINCRBY', key, 'atm', 1)
  if not given(f.reason) then
    call('HSET', key, 'returnvalue', f.value, 'finishedOn', a.now)
    call('ZADD', base .. 'completed', a.now, f.id)
    event('completed', 'jobId', f.id, 'returnvalue', f.value, 'prev', 'active')
    count_minute('completed')
    trim('completed', a.keep_ok)
    return true
  end
  call('HSET', key, 'stacktrace', cjson.encode({f.stack}))
  if given(f.retry) then
    call('HSET', key, 'delay', f.retry, 'failedReason', f.reason)
    put_off(f.id, a.now + f.retry)
  else
    fail(f.id, f.reason)
    if tried > 1 then
      event('retries-exhausted', 'jobId', f.id, 'attemptsMade', tried)
    end
  end
  return true
end

local function add(j)
  local id = tostring(call('INCR', base .. 'id'))
  call('HSET', base .. id, 'name', j.name, 'data', j.data, 'opts', j.opts,
    'timestamp', a.now, 'delay', j.delay, 'priority', j.priority)
  event('added', 'jobId', id, 'name', j.name)
  if j.delay > 0 then
    put_off(id, a.now + j.delay)
  else
    enqueue(id, j.priority)
    event('waiting', 'jobId', id)
  end
end

-- Due jobs become runnable; in this layout a worker does it.
local function promote()
  local ids = call('ZRANGEBYSCORE', delayed, 0, (a.now + 1) * 4096 - 1,
    'LIMIT', 0, 500)
  for _, id in ipairs(ids) do
    call('ZREM', delayed, id)
    call('HSET', base .. id, 'delay', 0)
    enqueue(id, tonumber(call('HGET', base .. id, 'priority') or '0') or 0)
    event('waiting', 'jobId', id, 'prev', 'delayed')
  end
end

-- Jobs that were active at the last check and have lost their lock.
local function check_stalled()
  if not call('SET', base .. 'stalled-check', a.now, 'PX', a.check, 'NX') then
    return
  end
  for _, id in ipairs(call('SMEMBERS', base .. 'stalled')) do
    local key = base .. id
    if call('EXISTS', key .. ':lock') == 0
      and call('LREM', active, 1, id) > 0 then
      if call('HINCRBY', key, 'stc', 1) > 1 then
        fail(id, 'job stalled more than allowable limit')
      else
        call('RPUSH', base .. (held and 'paused' or 'wait'), id)
        event('waiting', 'jobId', id, 'prev', 'active')
        wake()
      end
      event('stalled', 'jobId', id)
    end
  end
  call('DEL', base .. 'stalled')
  for _, id in ipairs(call('LRANGE', active, 0, 999)) do
    call('SADD', base .. 'stalled', id)
  end
end

local function next_id()
  local id = call('RPOPLPUSH', base .. 'wait', active)
  if id then return id end
  local first = call('ZPOPMIN', base .. 'prioritized')
  if not first[1] then return nil end
  call('LPUSH', active, first[1])
  return first[1]
end

local function take(taken)
  for _ = 1, a.take do
    if held or full() then return end
    local id = next_id()
    if not id then return end
    local key = base .. id
    if call('HEXISTS', key, 'name') == 0 then
      call('LREM', active, 1, id)
    else
      call('SET', key .. ':lock', a.token, 'PX', a.lock)
      call('HSET', key, 'processedOn', a.now)
      call('HINCRBY', key, 'ats', 1)
      if given(a.by) then call('HSET', key, 'pb', a.by) end
      event('active', 'jobId', id, 'prev', 'waiting')
      local j = call('HMGET', key, 'name', 'atm')
      taken[#taken + 1] = {id = id, name = j[1], tried = tonumber(j[2] or 0)}
    end
  end
end

-- A past: a practice world does not begin with empty lists.
local function seed()
  local good, bad = 0, 0
  for _, j in ipairs(a.seed) do
    local id = tostring(call('INCR', base .. 'id'))
    local key = base .. id
    call('HSET', key, 'name', j.name, 'data', j.data, 'opts', j.opts,
      'timestamp', j.at, 'delay', 0, 'priority', 0, 'processedOn', j.start,
      'finishedOn', j.stop, 'ats', 1, 'atm', 1)
    if given(j.reason) then
      call('HSET', key, 'failedReason', j.reason, 'stacktrace',
        cjson.encode({j.stack}))
      call('ZADD', base .. 'failed', j.stop, id)
      bad = bad + 1
    else
      call('HSET', key, 'returnvalue', j.value)
      call('ZADD', base .. 'completed', j.stop, id)
      good = good + 1
    end
  end
  local function past(kind, minutes, count)
    local key = base .. 'metrics:' .. kind
    for _, n in ipairs(minutes) do
      call('RPUSH', key .. ':data', n)
      count = count + n
    end
    call('HSET', key, 'count', count, 'prevTS', a.now, 'prevCount', count)
  end
  past('completed', a.minutes, good)
  past('failed', a.minutes_bad, bad)
end

local taken, lost = {}, {}
if not known and given(a.seed) then seed() end
for _, f in ipairs(a.finish) do
  if not finish(f) then lost[#lost + 1] = f.id end
end
for _, id in ipairs(a.renew) do
  local lock = base .. id .. ':lock'
  if call('GET', lock) == a.token then
    call('SET', lock, a.token, 'XX', 'PX', a.lock)
  else
    lost[#lost + 1] = id
  end
end
for _, j in ipairs(a.add) do add(j) end
if a.work then
  if a.check > 0 then check_stalled() end
  promote()
  take(taken)
end
local runnable = call('LLEN', base .. 'wait') + call('ZCARD', base .. 'prioritized')
if #taken > 0 and runnable == 0 then
  call('ZREM', marker, '0')
  event('drained')
elseif #taken > 0 and not held and not full() then
  call('ZADD', marker, 0, '0')
end
return cjson.encode({
  taken = taken, lost = lost, known = known, held = held,
  wait = call('LLEN', base .. 'wait'), paused = call('LLEN', base .. 'paused'),
  active = call('LLEN', active), delayed = call('ZCARD', delayed),
  prioritized = call('ZCARD', base .. 'prioritized'),
  completed = call('ZCARD', base .. 'completed'),
  failed = call('ZCARD', base .. 'failed'),
})
