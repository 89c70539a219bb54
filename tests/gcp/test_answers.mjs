#!/usr/bin/env node
// What the practice world answers to sevtop's questions, field by field
// against Google's protos: names of fields and enums, int64 as text,
// timestamps; until an operation is done.
import { request, response } from './schema.mjs';
import { done, ok } from './tap.mjs';
import { startWorld } from './world.mjs';

const PLACE = 'projects/demo/locations/us-central1';
const LATEST = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST';
const asks = [
  ['GET', `/v2/${PLACE}/services`],
  ['GET', `/v2/${PLACE}/services/web`],
  ['GET', `/v2/${PLACE}/services/web/revisions`],
  ['GET', `/v2/${PLACE}/services/-/revisions`],
  ['GET', `/v2/${PLACE}/services/web/revisions/web-00001`],
  ['PATCH', `/v2/${PLACE}/services/web?updateMask=traffic`,
    { traffic: [{ type: LATEST, percent: 100 }] }],
];

const world = await startWorld();

async function ask(method, url, body) {
  const { type, errors } = request({ method, url, body });
  const answer = await fetch(`http://127.0.0.1:${world.port}${url}`, { method,
    body: body && JSON.stringify(body),
    headers: { authorization: 'Bearer local',
      'content-type': 'application/json' } });
  const json = await answer.json();
  const faults = answer.ok ? [...errors, ...response(type, json)]
    : [`HTTP ${answer.status}: ${JSON.stringify(json)}`];
  ok(!faults.length, `${method} ${url.replace(/#/g, '')}`, ...faults);
  return json;
}

for (const [method, url, body] of asks) {
  let json = await ask(method, url, body);
  for (let i = 0; /\/operations\//.test(json.name) && !json.done && i < 50; i++)
    json = await ask('GET', `${url.slice(0, 3)}/${json.name}`);
}
await world.stop();
done();
