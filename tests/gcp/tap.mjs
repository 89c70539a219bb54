// A small TAP producer for the programs of this folder.
let count = 0, failures = 0;

export function ok(good, name, ...why) {
  count++;
  if (!good) failures++;
  console.log(`${good ? '' : 'not '}ok ${count} - ${name}`);
  if (!good)
    for (const line of why.join('\n').split('\n')) console.log(`#   ${line}`);
}

// A check that holds when work() returns.
export async function check(name, work) {
  try {
    await work();
    ok(true, name);
  } catch (e) {
    ok(false, name, e.stack || e);
  }
}

export function done() {
  console.log(`1..${count}`);
  process.exit(failures || !count ? 1 : 0);
}
