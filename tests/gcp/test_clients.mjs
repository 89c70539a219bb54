#!/usr/bin/env node
// Google's own clients against the practice world: what they read there is
// what they would read at Google, errors and long operations included.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { make } from './clients.mjs';
import { check, done } from './tap.mjs';
import { startWorld } from './servers.mjs';

const require = createRequire(import.meta.url);
const { RevisionsClient, ServicesClient } = require('@google-cloud/run').v2;
const { CloudRedisClient } = require('@google-cloud/redis');
const { LoggingServiceV2Client } = require('@google-cloud/logging-api').v2;
const { MetricServiceClient, ServiceMonitoringServiceClient } =
  require('@google-cloud/monitoring');
const { VpcAccessServiceClient } = require('@google-cloud/vpc-access');
const { CloudBuildClient } = require('@google-cloud/cloudbuild');
const PLACE = 'projects/demo/locations/us-central1';
const SERVICE = `${PLACE}/services/web`;
const CACHE = `${PLACE}/instances/cache`;
// A minute in which 42 requests failed: 2026-01-03T00:00:00Z.
const MINUTE = 1767398400;
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

const logging = make(LoggingServiceV2Client, world.port);
await check('entries of the log', async () => {
  const [entries] = await logging.listLogEntries({
    resourceNames: ['projects/demo'], pageSize: 50,
    filter: 'severity>=ERROR', orderBy: 'timestamp desc' },
  { autoPaginate: false });
  const entry = entries.find((e) => e.jsonPayload);
  assert.equal(entry.severity, 'ERROR');
  assert.ok(entry.jsonPayload.fields.message.stringValue);
  assert.ok(entry.insertId && Number(entry.timestamp.seconds) > 0);
  assert.ok(entries.every((e) => /^(ERROR|CRITICAL)$/.test(e.severity)));
});
await check('a filter that is none is INVALID_ARGUMENT', () => assert.rejects(
  logging.listLogEntries({ resourceNames: ['projects/demo'],
    filter: 'severity>=' }, { autoPaginate: false }), (e) => e.code === 3));

const metrics = make(MetricServiceClient, world.port);
const series = async (filter, aggregation) => (await metrics.listTimeSeries({
  name: 'projects/demo', view: 'FULL', filter, aggregation,
  interval: { startTime: { seconds: MINUTE - 60 },
    endTime: { seconds: MINUTE + 60 } } }))[0];
const run = (type) => `metric.type="run.googleapis.com/${type}" AND ` +
  'resource.type="cloud_run_revision"';
const by = (perSeriesAligner, crossSeriesReducer, ...groupByFields) => (
  { alignmentPeriod: { seconds: 60 }, perSeriesAligner, crossSeriesReducer,
    groupByFields });
await check('requests by class of the answer', async () => {
  const list = await series(run('request_count'), by('ALIGN_RATE',
    'REDUCE_SUM', 'resource.label.service_name',
    'metric.label.response_code_class'));
  assert.equal(list[0].resource.labels.service_name, 'web');
  assert.equal(list[0].metric.labels.response_code_class, '5xx');
  assert.ok(Math.abs(list[0].points[0].value.doubleValue - 42 / 60) < 1e-6);
  const ends = list[0].points.map((p) => Number(p.interval.endTime.seconds));
  assert.deepEqual(ends, [...ends].sort((a, b) => b - a), 'the newest first');
});
await check('latencies as a distribution, and as a percentile', async () => {
  const [spread] = await series(run('request_latencies'),
    by('ALIGN_DELTA', 'REDUCE_SUM', 'resource.label.service_name'));
  const { distributionValue } = spread.points[0].value;
  const sum = distributionValue.bucketCounts
    .reduce((n, count) => n + Number(count), 0);
  assert.equal(Number(distributionValue.count), 42);
  assert.equal(sum, 42);
  const [p95] = await series(run('request_latencies'), by('ALIGN_DELTA',
    'REDUCE_PERCENTILE_95', 'resource.label.service_name'));
  assert.ok(p95.points[0].value.doubleValue > 0);
});
await check('an aligner that does not fit is INVALID_ARGUMENT', () =>
  assert.rejects(series(run('request_latencies'), by('ALIGN_RATE',
    'REDUCE_SUM')), (e) => e.code === 3));

const objectives = make(ServiceMonitoringServiceClient, world.port);
await check('objectives, and how fast their budget goes', async () => {
  const [services] = await objectives.listServices(
    { parent: 'projects/demo' });
  const [list] = await objectives.listServiceLevelObjectives(
    { parent: services[0].name });
  assert.ok(list[0].goal > 0.9);
  assert.equal(Number(list[0].rollingPeriod.seconds), 86400);
  const burn = (window) => series(
    `select_slo_burn_rate("${list[0].name}"${window})`,
    { alignmentPeriod: { seconds: 60 }, perSeriesAligner: 'ALIGN_MEAN' });
  assert.ok(Array.isArray(await burn(',"3600s"')));
  await assert.rejects(burn(''), (e) => e.code === 3);
});

const redis = make(CloudRedisClient, world.port);
await check('an instance of Memorystore', async () => {
  const [instance] = await redis.getInstance({ name: CACHE });
  assert.equal(instance.state, 'READY');
  assert.equal(instance.tier, 'STANDARD_HA');
});
await check('a failover, until the operation is done', async () => {
  const [operation] = await redis.failoverInstance({ name: CACHE,
    dataProtectionMode: 'LIMITED_DATA_LOSS' });
  const [instance, metadata] = await operation.promise();
  assert.equal(instance.name, CACHE);
  assert.equal(metadata.verb, 'failover');
});
await check('an export, with enums as names', async () => {
  const [operation] = await make(CloudRedisClient, world.port,
    { asNames: true }).exportInstance({ name: CACHE,
    outputConfig: { gcsDestination: { uri: 'gs://b/d.rdb' } } });
  assert.equal((await operation.promise())[0].name, CACHE);
});
await check('connectors', async () => {
  const [list] = await make(VpcAccessServiceClient, world.port)
    .listConnectors({ parent: PLACE });
  assert.equal(list[0].state, 'READY');
});
await check('builds', async () => {
  const [list] = await make(CloudBuildClient, world.port)
    .listBuilds({ projectId: 'demo' });
  assert.ok(list[0].id && list[0].status);
});
await world.stop();
done();
