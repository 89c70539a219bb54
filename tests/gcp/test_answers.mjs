#!/usr/bin/env node
// What sevtop's tests and drills take for Google: the practice world, and
// the server of the live tests where it is not told to lie.
import { SERIES, judge } from './answers.mjs';
import { startLive, startWorld } from './servers.mjs';
import { done } from './tap.mjs';

const traffic = { traffic: [
  { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST', percent: 100 }] };
const entries = { resourceNames: ['projects/demo'], pageSize: 10,
  orderBy: 'timestamp desc', filter: 'timestamp>="2026-01-01T00:00:00Z"' };

const there = 'projects/demo/locations/us-central1';
const world = await startWorld();
for (const question of [
  ['GET', `/v2/${there}/services`],
  ['GET', `/v2/${there}/services/web`],
  ['GET', `/v2/${there}/services/web/revisions`],
  ['GET', `/v2/${there}/services/-/revisions`],
  ['GET', `/v2/${there}/services/web/revisions/web-00001`],
  ['PATCH', `/v2/${there}/services/web?updateMask=traffic`, traffic],
  ['POST', '/v2/entries:list', entries],
  ...SERIES,
  ['GET', '/v3/projects/demo/services'],
  ['GET', `/v1/${there}/instances`],
  ['GET', `/v1/${there}/instances/cache`],
  ['POST', `/v1/${there}/instances/cache:failover`, {}],
  ['GET', `/v1/${there}/connectors`],
  ['GET', '/v1/projects/demo/builds'],
]) await judge(world, question);
await world.stop();

const here = 'projects/demo/locations/europe-west1';
const live = await startLive();
await fetch(`http://127.0.0.1:${live.port}/log/add?n=3&text=words&severity=INFO`);
for (const question of [
  ['GET', `/v2/${here}/services`],
  ['GET', `/v2/${here}/services/-/revisions`],
  ['GET', `/v2/${here}/services/shop`],
  ['PATCH', `/v2/${here}/services/shop?updateMask=traffic`, traffic],
  ['POST', '/v2/entries:list', entries],
  ...SERIES,
  ['GET', '/v3/projects/demo/services'],
  ['GET', `/v1/${here}/instances?pageSize=100`],
  ['GET', `/v1/${here}/connectors?pageSize=100`],
  ['GET', '/v1/projects/demo/locations/global/builds?pageSize=20'],
]) await judge(live, question);
await live.stop();
done();
