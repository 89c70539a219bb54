// The official library that the environment names, old or new, and its Redis.
//
// REDIS_URL=unix:///path or redis://host:port
// BULL_LIB=bull, or an alias of package.json such as bullmq5
import { createRequire } from 'node:module';

export const require = createRequire(import.meta.url);
export const LIB = process.env.BULL_LIB;
export const PREFIX = process.env.BULL_PREFIX || 'bull';
const url = new URL(process.env.REDIS_URL);
export const redis = { maxRetriesPerRequest: null, enableReadyCheck: false };
if (url.protocol === 'unix:') redis.path = url.pathname;
else Object.assign(redis, { host: url.hostname, port: Number(url.port) });
export const lib = require(LIB);
export const isBull = LIB === 'bull';
export const major = isBull ? 0 : Number(require(`${LIB}/package.json`).version.split('.')[0]);
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export const openQueue = (name) => isBull
  ? new lib(name, { redis, prefix: PREFIX, settings: { lockDuration: 2000, stalledInterval: 0 } })
  : new lib.Queue(name, { connection: redis, prefix: PREFIX });

// A worker of either family; work(data) decides how a job ends.
export function openWorker(name, work, { concurrency = 4, lockDuration = 30000, ...more } = {}) {
  if (isBull) {
    const q = new lib(name, { redis, prefix: PREFIX, settings: { lockDuration, stalledInterval: 30000 } });
    q.process('*', concurrency, (job) => work(job));
    return q;
  }
  const w = new lib.Worker(name, work,
    { connection: redis, prefix: PREFIX, concurrency, lockDuration, ...more });
  w.on('error', () => {});
  return w;
}

export const version = require(`${LIB}/package.json`).version;
export const settle = async (test) => { while (!(await test())) await sleep(20); };
