-- Put before each of the other scripts. One script is one operation: between
-- its commands neither a worker nor a producer acts.
--
-- KEYS[1]  what all keys of the queue begin with: "bull:runPrompt:"
-- ARGV[1]  dialect: "bull4", or the major version "3" to "6"
-- ARGV[2]  meta.version as it was when the dialect was read; "" for none
--
-- Every script answers with numbers, the first of them a code:
--  1 done   0 it was so already   -1 no such job   -2 a worker holds it
-- -3 not in the state it was in   -4 part of a flow   -8 the next run of a
-- scheduler   -9 another library writes this queue now
local B, D = KEYS[1], ARGV[1]
local R = redis.call
local bull4 = D == 'bull4'
local major = tonumber(D) or 0

if (R('HGET', B .. 'meta', 'version') or '') ~= ARGV[2] then return {-9} end

local function is_paused()
  if bull4 then return R('EXISTS', B .. 'meta-paused') == 1 end
  return R('HEXISTS', B .. 'meta', 'paused') == 1
end

-- The list that a job without a priority waits in. Since 6 held jobs stay
-- where they are.
local function wait_list()
  if is_paused() and major < 6 then return B .. 'paused' end
  return B .. 'wait'
end

local function event(...)
  if bull4 then return end
  local max = R('HGET', B .. 'meta', 'opts.maxLenEvents') or '10000'
  R('XADD', B .. 'events', 'MAXLEN', '~', max, '*', 'event', ...)
end

-- Workers of 5 and later sleep on the marker. One is not woken for what the
-- queue's global limit would hold back anyway.
local function wake()
  if major < 5 or is_paused() then return end
  local limit = tonumber(R('HGET', B .. 'meta', 'concurrency') or '')
  if limit and R('LLEN', B .. 'active') >= limit then return end
  R('ZADD', B .. 'marker', 0, '0')
end

-- Workers of 4 sleep on the list: a dummy wakes one for the prioritized.
local function wake_for_priority()
  if major == 4 and not is_paused() and R('LLEN', B .. 'wait') == 0
      and R('ZCARD', B .. 'prioritized') > 0 then
    R('LPUSH', B .. 'wait', '0:0')
  end
end

-- 3 and 4 keep the time of the next delayed job at the head of the list.
local function drop_list_marker(list)
  if major ~= 3 and major ~= 4 then return end
  local head = R('LINDEX', list, 0)
  if head and string.sub(head, 1, 2) == '0:' then R('LPOP', list) end
end

-- Makes a job runnable that was taken out of its former set before.
local function enqueue(id)
  local priority = tonumber(R('HGET', B .. id, 'priority') or '0') or 0
  local list = wait_list()
  drop_list_marker(list)
  if priority > 0 and major >= 4 then
    local n = R('INCR', B .. 'pc')
    R('ZADD', B .. 'prioritized', priority * 4294967296 + n % 4294967296, id)
    wake_for_priority()
  elseif priority > 0 then
    R('RPUSH', list, id)
  else
    R('LPUSH', list, id)
  end
  wake()
end

-- Out of the failed set and into the queue; a parent waits for it again.
local function retry(id, reset)
  local key = B .. id
  R('ZREM', B .. 'failed', id)
  R('HDEL', key, 'finishedOn', 'processedOn', 'failedReason')
  if reset then R('HDEL', key, 'atm', 'attemptsMade') end
  local parent = R('HGET', key, 'parentKey')
  if parent and R('EXISTS', parent) == 1
      and R('ZREM', parent .. ':unsuccessful', key)
        + R('HDEL', parent .. ':failed', key) > 0 then
    R('SADD', parent .. ':dependencies', key)
  end
  enqueue(id)
  event('waiting', 'jobId', id, 'prev', 'failed')
end

-- Removing a child can release or delete its parent.
local function in_flow(key)
  return R('HEXISTS', key, 'parentKey') == 1
    or R('EXISTS', key .. ':dependencies') == 1
end

-- A job with all its keys, and its deduplication if that is still its own.
local function forget(id)
  local key = B .. id
  local dedup = R('HGET', key, 'deid')
  if dedup and R('GET', B .. 'de:' .. dedup) == id then
    R('DEL', B .. 'de:' .. dedup, B .. 'dn:' .. dedup)
  end
  R('DEL', key, key .. ':logs', key .. ':dependencies', key .. ':processed',
    key .. ':failed', key .. ':unsuccessful')
end
