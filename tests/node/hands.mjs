// A queue of an official library with its workers, for tests that change it
// from outside: reads one JSON command a line, answers with one JSON value a
// line. It ends with its standard input.
//
// usage: REDIS_URL=unix:///path BULL_LIB=bullmq5 node hands.mjs QUEUE
import { createInterface } from 'node:readline';
import { LIB, PREFIX, isBull, major, openQueue, openWorker, require, redis,
  sleep, version } from './lib.mjs';

const name = process.argv[2];
const base = `${PREFIX}:${name}:`;
const queue = openQueue(name);
await (isBull ? queue.isReady() : queue.waitUntilReady());
const { Redis } = require('ioredis');
const client = new (Redis || require('ioredis'))(redis);

const workers = [];
const starts = [];        // [ms, id] of every attempt
const runs = new Map();   // id -> attempts that ended well
const events = [];
if (isBull) {
  for (const e of ['global:paused', 'global:resumed']) queue.on(e, () => events.push(e.slice(7)));
} else {
  const listener = new (require(LIB).QueueEvents)(name, { connection: redis, prefix: PREFIX });
  listener.on('error', () => {});
  for (const e of ['paused', 'resumed', 'cleaned', 'removed']) listener.on(e, () => events.push(e));
  await listener.waitUntilReady();
}

async function work(job) {
  const id = String(job.id);
  const nth = starts.filter(([, other]) => other === id).length;
  starts.push([Date.now(), id]);
  if (job.data.ms) await sleep(job.data.ms);
  if (job.data.fail && nth < job.data.fail) throw new Error('as the test wants it');
  runs.set(id, (runs.get(id) || 0) + 1);
}

// Many jobs need quick book-keeping: how often each began is kept by id.
const begun = new Map();
async function workMany(job) {
  const id = String(job.id);
  const nth = begun.get(id) || 0;
  begun.set(id, nth + 1);
  if (job.data.fail && nth < job.data.fail) throw new Error('the first try fails');
  runs.set(id, (runs.get(id) || 0) + 1);
}

async function scan(pattern) {
  const keys = new Set();
  let cursor = '0';
  do {
    const [next, some] = await client.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
    some.forEach((key) => keys.add(key));
    cursor = next;
  } while (cursor !== '0');
  return [...keys];
}

const OWN = new Set(['wait', 'paused', 'active', 'delayed', 'prioritized', 'priority', 'failed', 'completed',
  'waiting-children', 'meta', 'id', 'events', 'marker', 'pc', 'stalled', 'stalled-check', 'limiter', 'repeat',
  'meta-paused']);

// Every id has data and is in one state, and there is no key without a job.
async function mistakes() {
  const states = new Map();
  const bad = [];
  const note = (id, state) => states.set(id, [...(states.get(id) || []), state]);
  for (const list of ['wait', 'paused', 'active'])
    for (const id of await client.lrange(base + list, 0, -1)) if (!id.startsWith('0:')) note(id, list);
  for (const set of ['delayed', 'prioritized', 'failed', 'completed', 'waiting-children'])
    for (const id of await client.zrange(base + set, 0, -1)) note(id, set);
  for (const [id, in_] of states) {
    if (in_.length > 1) bad.push(`${id} is in ${in_.join(' and ')}`);
    if (!(await client.hexists(base + id, 'name'))) bad.push(`${id} (${in_[0]}) has no data`);
  }
  for (const key of await scan(`${base}*`)) {
    const rest = key.slice(base.length);
    const job = rest.replace(/:(lock|logs|dependencies|processed|failed|unsuccessful)$/, '');
    if (!OWN.has(rest) && !states.has(job) && !/^(repeat|de|dn|limiter):/.test(rest)) bad.push(`stray key ${rest}`);
  }
  const paused = await queue.isPaused();
  if (paused && major < 6 && await client.llen(`${base}wait`)) bad.push('paused, but jobs are in wait');
  if (!paused && await client.exists(`${base}paused`)) bad.push('not paused, but jobs are held');
  return bad.slice(0, 10);
}

const COMMANDS = {
  version: () => version,
  add: async ({ n = 1, data = {}, opts = {} }) => {
    const ids = [];
    for (let i = 0; i < n; i++) ids.push(String((await queue.add('run', data, opts)).id));
    return ids;
  },
  work: async ({ concurrency = 2, many = false, n = 1 }) => {
    for (let i = 0; i < n; i++) workers.push(openWorker(name, many ? workMany : work, { concurrency }));
    return workers.length;
  },
  rest: async () => { await Promise.all(workers.splice(0).map((w) => w.close())); return 0; },
  pause: async () => { await queue.pause(); return true; },
  resume: async () => { await queue.resume(); return true; },
  isPaused: () => queue.isPaused(),
  counts: () => queue.getJobCounts(),
  state: async ({ id }) => { const job = await queue.getJob(id); return job ? job.getState() : 'missing'; },
  job: async ({ id }) => {
    const job = await queue.getJob(id);
    return job && { attempts: job.attemptsMade, reason: job.failedReason || null, ended: job.finishedOn || null };
  },
  keys: ({ id }) => scan(`${base}${id}*`),
  starts: ({ since = 0 }) => starts.filter(([at]) => at >= since),
  now: () => Date.now(),
  events: () => events,
  mistakes,
  // Waits until a state holds so many jobs, at most ms.
  until: async ({ state, n, ms = 20000 }) => {
    const end = Date.now() + ms;
    let count;
    do {
      count = (await queue.getJobCounts())[state] || 0;
      if (count === n) return count;
      await sleep(20);
    } while (Date.now() < end);
    return count;
  },
  // A family whose child fails, so that its parent waits.
  flow: async ({ parent }) => {
    const { FlowProducer } = require(LIB);
    const flow = new FlowProducer({ connection: redis, prefix: PREFIX });
    const node = await flow.add({ name: 'parent', queueName: parent, data: {},
      children: [{ name: 'run', queueName: name, data: { fail: 1 } }] });
    await flow.close();
    return { parent: String(node.job.id), child: String(node.children[0].job.id) };
  },
  scheduler: async () => {
    if (isBull) await queue.add('tick', {}, { repeat: { every: 3600000 } });
    else if (queue.upsertJobScheduler) await queue.upsertJobScheduler('tick', { every: 3600000, startDate: Date.now() + 600000 }, { name: 'tick' });
    else await queue.add('tick', {}, { repeat: { every: 3600000 } });
    return (await queue.getJobs(['delayed'])).map((job) => String(job.id));
  },
  // n jobs of every kind while others pause and resume; then all must have
  // run once and well.
  produce: async ({ n }) => {
    const ids = [];
    for (let i = 0; i < n; i++) {
      const opts = {};
      if (i % 7 === 0) opts.priority = 1 + (i % 3);
      if (i % 11 === 0) opts.delay = 1 + (i % 40);
      ids.push(String((await queue.add('run', { fail: i % 13 === 0 ? 1 : 0 }, opts)).id));
      if (i % 20 === 0) await sleep(5);
    }
    return ids.length;
  },
  verdict: async ({ n, ms = 60000 }) => {
    const end = Date.now() + ms;
    while (runs.size < n && Date.now() < end) await sleep(50);
    return { done: runs.size, twice: [...runs.values()].filter((times) => times > 1).length,
      counts: await queue.getJobCounts() };
  },
};

console.log(JSON.stringify('READY'));
let turn = Promise.resolve();
createInterface({ input: process.stdin }).on('line', (line) => {
  const { op, wait = true, ...args } = JSON.parse(line);
  const run = async () => {
    let value;
    try { value = await COMMANDS[op](args); } catch (error) { value = { error: String(error) }; }
    if (wait) console.log(JSON.stringify(value === undefined ? null : value));
  };
  // What is not waited for goes on beside the next commands.
  if (wait) turn = turn.then(run); else run();
}).on('close', () => process.exit(0));
