// The practice queues through the eyes of the official client.
// node sim_bullmq.cjs FOLDER-OF-BULLMQ crashed|live   (REDIS_URL is set)
// Prints "yes NAME" or "no NAME" per check.
const path = require('node:path');
const [, , library, phase] = process.argv;
const { Queue, Worker, QueueEvents } = require(path.resolve(library));

const url = new URL(process.env.REDIS_URL);
const connection = {
  host: url.hostname, port: Number(url.port), username: url.username,
  password: url.password, maxRetriesPerRequest: null,
};
const check = (good, name) => console.log(good ? 'yes' : 'no', name);
async function until(fn, ms = 60000) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await fn();
    if (value || Date.now() > end) return value;
    await new Promise((r) => setTimeout(r, 50));
  }
}

async function crashed() {
  const queue = new Queue('runPrompt', { connection });
  await until(async () => (await queue.getWaitingCount()) > 10);
  let ran = 0;
  const worker = new Worker('runPrompt', async (job) => {
    ran += job.data.workspaceId ? 1 : 0;
    return 'real';
  }, { connection, concurrency: 4 });
  check(await until(() => ran > 10), 'a real worker runs practice jobs');
  const done = await until(async () => {
    const jobs = await queue.getCompleted(0, 50);
    return jobs.find((j) => j && j.returnvalue === 'real');
  });
  check(done && done.finishedOn >= done.processedOn
    && done.processedOn >= done.timestamp, 'its jobs are whole');
  await worker.close();
  await queue.close();
}

async function looks(name) {
  const queue = new Queue(name, { connection });
  const counts = await queue.getJobCounts();
  check(counts.completed > 0 && counts.paused === 0
    && (await queue.isPaused()) === false, `${name} has sane counts`);
  const metrics = await queue.getMetrics('completed');
  check(metrics.meta.count > 0 && metrics.data.length >= 60,
    `${name} has metrics`);
  check((await queue.getWorkers()).length > 0, `${name} has workers`);
  await queue.close();
}

async function holds(queue, events) {
  let begun = 0;
  await queue.pause();
  check(await until(async () => (await queue.getActiveCount()) === 0),
    'paused: what runs ends');
  const before = await queue.getJobCounts('paused');
  events.on('active', () => { begun += 1; });
  check(await until(async () =>
    (await queue.getJobCounts('paused')).paused > before.paused + 15),
  'paused: jobs pile up');
  check(begun === 0 && (await queue.isPaused()), 'paused: none begins');
  await queue.resume();
  check(await until(() => begun > 15), 'resumed: jobs begin');
  check(await until(async () => {
    const counts = await queue.getJobCounts();
    return counts.paused === 0 && counts.waiting < 5;
  }), 'resumed: the pile goes');
}

async function live() {
  for (const name of ['runPrompt', 'runBatch', 'dailyAggregations',
    'copilotPlanner']) await looks(name);
  const queue = new Queue('runPrompt', { connection });
  const events = new QueueEvents('runPrompt', { connection });
  await events.waitUntilReady();
  await holds(queue, events);

  const failed = await until(async () => (await queue.getFailed(0, 0))[0]);
  check(typeof failed.failedReason === 'string'
    && failed.stacktrace.length > 0, 'a failed job has reason and stack');
  await failed.retry();
  check(await until(async () => {
    const job = await queue.getJob(failed.id);
    return !job || (job.processedOn > failed.processedOn);
  }), 'a retried job runs again');
  const own = await queue.add('mine', { workspaceId: 'x' },
    { delay: 50, attempts: 1 });
  check(await until(async () => ['completed', 'failed'].includes(
    await own.getState())), 'a job of ours is worked on');
  await events.close();
  await queue.close();
}

(phase === 'crashed' ? crashed() : live()).then(() => process.exit(0),
  (e) => { console.error(e); process.exit(1); });
