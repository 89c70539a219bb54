// Asks a server of this machine what sevtop asks Google, and judges each
// answer field by field against Google's protos: names of fields and enums,
// int64 as text, timestamps; until an operation is done.
import { request, response } from './schema.mjs';
import { ok } from './tap.mjs';

const START = '2026-01-03T00:00:00.000Z', END = '2026-01-03T00:02:00.000Z';

// A question for a metric of Cloud Run; by: "ALIGN REDUCE label...".
export function seriesOf(type, by) {
  const [aligner, reducer, ...labels] = by.split(' ');
  const query = new URLSearchParams([['view', 'FULL'],
    ['filter', `metric.type="run.googleapis.com/${type}" AND ` +
      'resource.type="cloud_run_revision"'],
    ['interval.startTime', START], ['interval.endTime', END],
    ['aggregation.alignmentPeriod', '60s'],
    ['aggregation.perSeriesAligner', `ALIGN_${aligner}`],
    ['aggregation.crossSeriesReducer', `REDUCE_${reducer}`],
    ['aggregation.groupByFields', 'resource.label.service_name'],
    ...labels.map((l) => ['aggregation.groupByFields', `metric.label.${l}`])]);
  return `/v3/projects/demo/timeSeries?${query}`;
}

export const SERIES = [
  ['GET', seriesOf('request_count', 'RATE SUM response_code_class')],
  ['GET', seriesOf('request_latencies', 'DELTA SUM')],
  ['GET', seriesOf('container/instance_count', 'MAX SUM state')],
  ['GET', seriesOf('container/cpu/utilizations', 'DELTA PERCENTILE_99')],
];

async function ask(server, [method, url, body]) {
  const { type, errors } = request({ method, url, body });
  const answer = await fetch(`http://127.0.0.1:${server.port}${url}`,
    { method, body: body && JSON.stringify(body),
      headers: { authorization: `Bearer ${server.token}`,
        'content-type': 'application/json' } });
  const json = await answer.json();
  return { json, faults: answer.ok ? [...errors, ...response(type, json)]
    : [`HTTP ${answer.status}: ${JSON.stringify(json)}`] };
}

// server: { port, token }. One check for each question.
export async function judge(server, question) {
  const [method, url] = question;
  let { json, faults } = await ask(server, question);
  const { name } = json;
  if (/\/operations\//.test(name)) {
    while (!faults.length && !json.done) {
      await new Promise((later) => setTimeout(later, 50));
      ({ json, faults } = await ask(server,
        ['GET', `${url.slice(0, 3)}/${name}`]));
    }
  }
  ok(!faults.length, `${method} ${url.replace(/#/g, '')}`, ...faults);
  for (const service of (/v3.*services$/.test(url) && json.services) || [])
    await judge(server, ['GET', `/v3/${service.name}/serviceLevelObjectives`]);
}
