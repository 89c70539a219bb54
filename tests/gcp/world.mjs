// The practice world's Google: sevtop-sim of the build folder
// (SEV_BUILDDIR, else the current one) with the platform gcp-demo.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

// What it prints as { KEY: value }, port of its API, and stop().
export async function startWorld() {
  const sim = resolve(process.env.SEV_BUILDDIR || '.', 'sevtop-sim');
  const child = spawn(sim, ['run', 'gcp-demo', '--until-eof', '--seed', '1'],
    { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((done) => child.on('exit', done));
  const world = {
    stop: () => {
      child.stdin.end();
      return ended;
    } };
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'READY') {
      world.port = Number(new URL(world.RUN_ENDPOINT).port);
      return world;
    }
    const at = line.indexOf('=');
    if (at > 0) world[line.slice(0, at)] = line.slice(at + 1);
  }
  throw new Error(`${sim} did not get ready`);
}
