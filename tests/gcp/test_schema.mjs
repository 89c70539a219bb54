#!/usr/bin/env node
// The judge of requests: right ones pass, wrong ones are refused.
import { message, request, response } from './schema.mjs';
import { done, ok } from './tap.mjs';

const PLACE = '/projects/demo/locations/us-central1';
const SERVICE = `/v2${PLACE}/services/web`;
const INSTANCE = `/v1${PLACE}/instances/cache`;
const LATEST = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST';
const REVISION = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION';
const SERIES = '/v3/projects/demo/timeSeries?view=FULL&filter=x' +
  '&interval.startTime=2026-01-01T00:00:00Z';
const LIST = { resourceNames: ['projects/demo'] };
const container = (more) => ({ template: { containers: [more] } });

// Method, address, body, and a part of what is to be said of it.
const cases = [
  ['GET', SERVICE],
  ['GET', `${SERVICE}/revisions?pageSize=20&pageToken=x`],
  ['GET', `${SERVICE}/revisions?page_size=20`, undefined,
    'page_size: no such query parameter'],
  ['PATCH', `${SERVICE}?updateMask=traffic`, { etag: '"1"', traffic: [
    { type: REVISION, revision: 'web-00010', percent: 100 },
    { type: LATEST, tag: 'next' }] }],
  ['PATCH', `${SERVICE}?updateMask=traffic`,
    { traffic: [{ type: 'LATEST', percent: 100 }] }, 'expected enum'],
  ['PATCH', `${SERVICE}?updateMask=traffic`, { trafic: [] },
    'trafic: no such field'],
  ['PATCH', `${SERVICE}?updateMask=scaling&validateOnly=true`,
    { scaling: { minInstanceCount: 1, maxInstanceCount: 50 } }],
  ['PATCH', `${SERVICE}?updateMask=scaling`,
    { scaling: { minInstances: 1 } }, 'minInstances: no such field'],
  ['PATCH', `${SERVICE}?updateMask=scaling`,
    { scaling: { min_instance_count: 1 } }, 'write minInstanceCount'],
  ['PATCH', `${SERVICE}?updateMask=scalling`, {}, 'updateMask: no field'],
  ['PATCH', `${SERVICE}?updateMask=traffic`, undefined, 'needs a body'],
  ['PATCH', SERVICE, { template: { timeout: '5400' } }, 'a duration like'],
  ['PATCH', SERVICE, { template: { timeout: null } }, 'a duration like'],
  ['PATCH', `${SERVICE}?forceNewRevision=true`, container({ image: 'i',
    env: [{ name: 'A', value: 'b' }],
    resources: { limits: { cpu: '4', memory: '4Gi' }, cpuIdle: true } })],
  ['PATCH', SERVICE, container({ resources: { limits: { cpu: 4 } } }),
    'expected string'],
  ['PATCH', SERVICE,
    container({ env: [{ name: 'A', value: 'x', valueSource: {} }] }),
    'oneof values set twice'],
  ['GET', `/v2${PLACE}/operations/abc`],
  ['POST', `/v2${PLACE}/operations/abc:wait`, { timeout: '30s' }],
  ['POST', '/v2/entries:list', { ...LIST, filter: 'severity>=ERROR',
    orderBy: 'timestamp desc', pageSize: 100 }],
  ['POST', '/v2/entries:list', { filter: 'x' }, 'resourceNames: required'],
  ['POST', '/v2/entries:list', { ...LIST, order_by: 'x' }, 'write orderBy'],
  ['POST', '/v2/entries:list', { ...LIST, pageSize: '5' }, 'int32 number'],
  ['GET', `${SERIES}&aggregation.alignmentPeriod=60s` +
    '&aggregation.perSeriesAligner=ALIGN_PERCENTILE_95' +
    '&aggregation.crossSeriesReducer=REDUCE_MAX' +
    '&aggregation.groupByFields=a&aggregation.groupByFields=b'],
  ['GET', `${SERIES}&aggregation.perSeriesAligner=ALIGN_P95`, undefined,
    'expected enum Aligner'],
  ['GET', `${SERIES}&interval=1h`, undefined, 'interval: is a message'],
  ['GET', `${SERIES}&filter=y`, undefined, 'given twice'],
  ['GET', '/v3/projects/demo/timeSeries?view=FULL', undefined,
    'filter: required'],
  ['GET', '/v3/projects/demo/services?pageSize=10'],
  ['GET', '/v3/projects/demo/services/web/serviceLevelObjectives?view=FULL'],
  ['GET', INSTANCE],
  ['POST', `${INSTANCE}:export`,
    { outputConfig: { gcsDestination: { uri: 'gs://b/o.rdb' } } }],
  ['POST', `${INSTANCE}:failover`, { dataProtectionMode: 'limited' },
    'expected enum'],
  ['POST', `${INSTANCE}:restart`, {}, 'nothing has this method and path'],
  ['GET', `/v1${PLACE}/connectors?pageSize=10`],
  ['GET', '/v1/projects/demo/builds?filter=status%3D%22WORKING%22'],
  ['GET', '/v1/projects/demo/locations/global/builds?pageSize=10'],
  ['GET', SERVICE, {}, 'has no body'],
];

for (const [method, url, body, want] of cases) {
  const said = request({ method, url, body }).errors.join('\n');
  ok(want ? said.includes(want) : !said,
    `${method} ${url.replace(/#/g, '')}: ${want || 'right'}`, said);
}
const { type } = request({ method: 'GET', url: SERVICE });
ok(response(type, { generation: 7 }).join().includes('decimal text'),
  'an answer writes int64 as text');
ok(!response(type, { generation: '7', uri: 'x' }).length, 'and that is right');
ok(!message('google.cloud.run.v2.Service', { etag: '1' }).length,
  'a message by its name');
done();
