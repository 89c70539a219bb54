#!/usr/bin/env node
// Google's own clients against the practice world: what they read there is
// what they would read at Google, errors and long operations included.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { make } from './clients.mjs';
import { check, done } from './tap.mjs';
import { startWorld } from './world.mjs';

const require = createRequire(import.meta.url);
const { RevisionsClient, ServicesClient } = require('@google-cloud/run').v2;
const PLACE = 'projects/demo/locations/us-central1';
const SERVICE = `${PLACE}/services/web`;
const LATEST = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST';
const REVISION = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION';

const world = await startWorld();
const services = make(ServicesClient, world.port);
const revisions = make(RevisionsClient, world.port);
const named = make(ServicesClient, world.port, { asNames: true });
const read = async () => (await services.getService({ name: SERVICE }))[0];

async function traffic(client, target) {
  const before = await read();
  const [operation] = await client.updateService({
    service: { name: SERVICE, etag: before.etag, traffic: [target] },
    updateMask: { paths: ['traffic'] } });
  const [after, metadata] = await operation.promise();
  assert.equal(metadata.name, SERVICE);
  assert.notEqual(after.etag, before.etag);
  return (await read()).traffic[0];
}

await check('a service', async () => {
  const service = await read();
  assert.equal(service.name, SERVICE);
  assert.equal(service.terminalCondition.state, 'CONDITION_SUCCEEDED');
  assert.match(service.generation, /^\d+$/);
  assert.equal(service.traffic.reduce((n, t) => n + t.percent, 0), 100);
});
await check('all services', async () => {
  const [list] = await services.listServices({ parent: PLACE });
  assert.deepEqual(list.map((s) => s.name), [SERVICE]);
});
await check('revisions, page by page, the newest first', async () => {
  const names = [];
  const pages = revisions.listRevisionsAsync({ parent: SERVICE, pageSize: 1 },
    { autoPaginate: false });
  for await (const one of pages) names.push(one.name.split('/').pop());
  assert.deepEqual(names, ['web-00002', 'web-00001']);
});
await check('traffic to a revision, until the operation is done', async () => {
  const target = await traffic(services,
    { type: REVISION, revision: 'web-00001', percent: 100 });
  assert.equal(target.revision, 'web-00001');
});
await check('traffic to the latest, with enums as names', async () => {
  const target = await traffic(named, { type: LATEST, percent: 100 });
  assert.equal(target.type, LATEST);
});
await check('an etag that is not the newest is ABORTED', () => assert.rejects(
  services.updateService({ service: { name: SERVICE, etag: '"stale"',
    template: {} } }),
  (e) => e.code === 10 && /etag/.test(e.message)));
await check('a service that is not there is NOT_FOUND', () => assert.rejects(
  services.getService({ name: `${SERVICE}x` }), (e) => e.code === 5));
await check('too many questions are RESOURCE_EXHAUSTED', () => assert.rejects(
  services.getService({ name: `${SERVICE}-limited` }),
  (e) => e.code === 8 && e.reason === 'RATE_LIMIT_EXCEEDED' &&
    e.errorInfoMetadata.service === 'run.googleapis.com'));
await check('UNAVAILABLE is asked again by the client', async () => {
  const [service] = await services.getService({ name: `${SERVICE}-flaky` });
  assert.equal(service.name, SERVICE);
});
await world.stop();
done();
