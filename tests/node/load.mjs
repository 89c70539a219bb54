// Queues made by the official libraries, for tests/live/test_bullmq.c.
//
// usage: REDIS_URL=unix:///path BULL_LIB=bullmq5 node load.mjs [COMMAND]
//
//   (none)      fill five queues, print what the library itself counts as
//               QUEUE.STATE=N lines, then READY; stay until stdin ends
//   add Q N     add N jobs
//   finish Q N  add N jobs and complete them with a worker
//   bulk Q,Q N  add N jobs to each, a fifth of them delayed, in large steps
//   crash Q     take two jobs and die with them (used by itself)
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { LIB, isBull, openQueue, openWorker, settle, sleep, version } from './lib.mjs';

const counts = async (q) => {
  const c = await q.getJobCounts();
  return { ...c, unfinished: c.waiting + c.active + (c.delayed || 0) + (c.prioritized || 0) };
};

async function report(q, name) {
  const c = await q.getJobCounts();
  for (const [state, n] of Object.entries(c)) console.log(`${name}.${state}=${n}`);
  console.log(`${name}.isPaused=${(await q.isPaused()) ? 1 : 0}`);
  console.log(`${name}.workers=${(await q.getWorkers()).length}`);
}

const FAIL = ['provider timeout after 30012ms', 'Rate limit exceeded (429) from perplexity',
  'connect ECONNREFUSED 10.0.0.5:5432'];

// steady: jobs in every state, nobody works on them
async function fillSteady(q) {
  const w = openWorker('steady', async (job) => {
    if (job.data.fail) throw new Error(job.data.fail);
    return 'ok';
  });
  for (let i = 0; i < 12; i++) await q.add('run', { i });
  for (let i = 0; i < 6; i++)
    await q.add('run', { fail: FAIL[i % 2].replace('30012', 30000 + i) }, { attempts: 1 });
  await q.add('run', { fail: FAIL[2] }, { attempts: 1 });
  await settle(async () => (await counts(q)).unfinished === 0);
  await w.close();
  for (let i = 0; i < 5; i++) await q.add('run', { i });
  await q.add('lifo', {}, { lifo: true });
  for (let i = 0; i < 3; i++) await q.add('urgent', { i }, { priority: 1 + i });
  for (let i = 0; i < 2; i++) await q.add('later', { i }, { delay: 3600000 });
  await q.add('run', {}, { jobId: 'order-4711' });
}

// stalled: two jobs whose worker was killed, their locks run out
async function fillStalled(q) {
  for (let i = 0; i < 3; i++) await q.add('run', { i });
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'crash', 'stalled'],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((done) => child.stdout.once('data', done));
  child.kill('SIGKILL');
  await new Promise((done) => child.once('exit', done));
}

async function main() {
  const [, , command, name, n] = process.argv;
  if (command === 'crash') {
    let taken = 0;
    openWorker(name, async () => {
      if (++taken === 2) console.log('TAKEN');
      await sleep(1e9);
    }, { concurrency: 2, lockDuration: 1000 });
    return;
  }
  if (command === 'add' || command === 'finish') {
    const q = openQueue(name);
    for (let i = 0; i < Number(n); i++) await q.add('run', { i });
    if (command === 'finish') {
      const w = openWorker(name, async () => 'ok');
      await settle(async () => (await counts(q)).unfinished === 0);
      await w.close();
    }
    console.log('READY');
    process.exit(0);
  }
  if (command === 'bulk') {
    const step = (k) => Array.from({ length: k }, (_, i) =>
      ({ name: 'run', data: { i }, opts: i % 5 ? {} : { delay: 3600000 } }));
    for (const q of name.split(',').map(openQueue))
      for (let left = Number(n); left > 0; left -= 1000) await q.addBulk(step(Math.min(left, 1000)));
    console.log('READY');
    process.exit(0);
  }
  const queues = {};
  for (const id of ['steady', 'held', 'busy', 'stalled', 'empty']) {
    queues[id] = openQueue(id);
    await (isBull ? queues[id].isReady() : queues[id].waitUntilReady());
  }
  await fillSteady(queues.steady);

  await queues.held.pause();
  for (let i = 0; i < 4; i++) await queues.held.add('run', { i });
  for (let i = 0; i < 2; i++) await queues.held.add('urgent', { i }, { priority: 1 });

  let started = 0;
  openWorker('busy', async () => { started++; await sleep(1e9); }, { concurrency: 2, name: 'b' });
  for (let i = 0; i < 5; i++) await queues.busy.add('run', { i });
  await settle(async () => started === 2);

  await fillStalled(queues.stalled);
  for (const id of Object.keys(queues)) await report(queues[id], id);
  console.log(`LIB=${LIB} ${version}`);
  console.log('READY');
  process.stdin.on('end', () => process.exit(0));
  process.stdin.resume();
}

await main();
