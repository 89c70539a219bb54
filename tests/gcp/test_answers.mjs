#!/usr/bin/env node
// What the practice world answers to sevtop's questions, field by field
// against Google's protos: names of fields and enums, int64 as text,
// timestamps; until an operation is done.
import { request, response } from './schema.mjs';
import { done, ok } from './tap.mjs';
import { startWorld } from './world.mjs';

const PLACE = 'projects/demo/locations/us-central1';
const LATEST = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST';
const SERIES = '/v3/projects/demo/timeSeries?view=FULL' +
  '&interval.startTime=2026-01-03T00:00:00Z' +
  '&interval.endTime=2026-01-03T00:02:00Z';
const metric = (type) => encodeURIComponent(
  `metric.type="run.googleapis.com/${type}" AND ` +
  'resource.type="cloud_run_revision"');
const by = (aligner, reducer) => 'aggregation.alignmentPeriod=60s' +
  `&aggregation.perSeriesAligner=ALIGN_${aligner}` +
  `&aggregation.crossSeriesReducer=REDUCE_${reducer}` +
  '&aggregation.groupByFields=resource.label.service_name';
const asks = [
  ['GET', `/v2/${PLACE}/services`],
  ['GET', `/v2/${PLACE}/services/web`],
  ['GET', `/v2/${PLACE}/services/web/revisions`],
  ['GET', `/v2/${PLACE}/services/-/revisions`],
  ['GET', `/v2/${PLACE}/services/web/revisions/web-00001`],
  ['PATCH', `/v2/${PLACE}/services/web?updateMask=traffic`,
    { traffic: [{ type: LATEST, percent: 100 }] }],
  ['POST', '/v2/entries:list',
    { resourceNames: ['projects/demo'], pageSize: 10,
      orderBy: 'timestamp asc' }],
  ['GET', `${SERIES}&filter=${metric('request_count')}&${by('RATE', 'SUM')}` +
    '&aggregation.groupByFields=metric.label.response_code_class'],
  ['GET', `${SERIES}&filter=${metric('request_latencies')}` +
    `&${by('DELTA', 'SUM')}`],
  ['GET', `${SERIES}&filter=${metric('container/instance_count')}` +
    `&${by('MAX', 'SUM')}&aggregation.groupByFields=metric.label.state`],
  ['GET', `${SERIES}&filter=${metric('request_count')}`],
  ['GET', '/v3/projects/demo/services'],
  ['GET', `/v1/${PLACE}/instances`],
  ['GET', `/v1/${PLACE}/instances/cache`],
  ['POST', `/v1/${PLACE}/instances/cache:failover`, {}],
  ['GET', `/v1/${PLACE}/connectors`],
  ['GET', '/v1/projects/demo/builds'],
];

const world = await startWorld();

async function ask(method, url, body) {
  const { type, errors } = request({ method, url, body });
  const answer = await fetch(`http://127.0.0.1:${world.port}${url}`, { method,
    body: body && JSON.stringify(body),
    headers: { authorization: 'Bearer local',
      'content-type': 'application/json' } });
  const json = await answer.json();
  return { json, faults: answer.ok ? [...errors, ...response(type, json)]
    : [`HTTP ${answer.status}: ${JSON.stringify(json)}`] };
}

// An operation is asked for until it is done; every answer must be right.
async function judge(method, url, body) {
  let { json, faults } = await ask(method, url, body);
  const { name } = json;
  if (/\/operations\//.test(name)) {
    while (!faults.length && !json.done) {
      await new Promise((later) => setTimeout(later, 50));
      ({ json, faults } = await ask('GET', `${url.slice(0, 3)}/${name}`));
    }
  }
  ok(!faults.length, `${method} ${url.replace(/#/g, '')}`, ...faults);
  return json;
}

for (const [method, url, body] of asks) {
  const json = await judge(method, url, body);
  for (const service of (/v3.*services$/.test(url) && json.services) || [])
    await judge('GET', `/v3/${service.name}/serviceLevelObjectives`);
}
await world.stop();
done();
