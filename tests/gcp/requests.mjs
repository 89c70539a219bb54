#!/usr/bin/env node
// usage: requests.mjs LOG...
//
// Judges recorded requests, a line {"method", "url", "body"} each: one TAP
// check for each kind of request, with all that is wrong in it. What the
// servers of the tests have beside Google's APIs ("/v1/...") is left out. A
// log without a request fails, as nothing was checked then.
import { readFileSync } from 'node:fs';
import { done, ok } from './tap.mjs';
import { request } from './schema.mjs';

for (const log of process.argv.slice(2)) {
  const kinds = new Map();
  const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
  for (const line of lines) {
    const asked = JSON.parse(line);
    if (!/^\/v\d/.test(asked.url)) continue;
    const { rpc, errors, warnings } = request(asked);
    const kind = rpc || `${asked.method} ${asked.url.split('?')[0]}`;
    const seen = kinds.get(kind) || { count: 0, faults: new Set() };
    seen.count++;
    for (const fault of errors) seen.faults.add(`${fault}\n  in ${line}`);
    for (const warning of warnings) console.log(`# ${kind}: ${warning}`);
    kinds.set(kind, seen);
  }
  for (const [kind, { count, faults }] of kinds)
    ok(!faults.size, `${count} of ${kind}`, ...faults);
  if (!kinds.size) ok(false, `${log} has requests`);
}
done();
