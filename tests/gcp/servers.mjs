// What takes the place of Google in the tests: the practice world with the
// platform gcp-demo (sevtop-sim of SEV_BUILDDIR, else of the current folder)
// and the server of the live tests.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

// What it prints as { KEY: value }, and stop().
async function start(program, args) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((done) => child.on('exit', done));
  const server = {
    stop: () => {
      child.stdin.end();
      return ended;
    } };
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'READY') return server;
    const at = line.indexOf('=');
    if (at > 0) server[line.slice(0, at)] = line.slice(at + 1);
  }
  throw new Error(`${program} did not get ready`);
}

// Both have a port, and a token that they take.
export async function startWorld() {
  const world = await start(
    resolve(process.env.SEV_BUILDDIR || '.', 'sevtop-sim'),
    ['run', 'gcp-demo', '--until-eof', '--seed', '1']);
  world.port = Number(new URL(world.RUN_ENDPOINT).port);
  world.token = 'any';
  return world;
}

export async function startLive() {
  const live = await start('/usr/bin/python3',
    [fileURLToPath(new URL('../live/gcpserver.py', import.meta.url))]);
  live.port = Number(live.PORT);
  const answer = await fetch(`http://127.0.0.1:${live.port}` +
    '/computeMetadata/v1/instance/service-accounts/default/token',
  { headers: { 'Metadata-Flavor': 'Google' } });
  live.token = (await answer.json()).access_token;
  return live;
}
