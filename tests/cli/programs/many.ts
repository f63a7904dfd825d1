// Runs many `ingot` commands in one process: each line of input is a JSON list of words, each line of output a JSON
// object {code, stdout, stderr}. Starting Node anew for each of a hundred commands would take the better part of a minute.
import { createInterface } from 'node:readline';

const main = new URL('../../../src/cli/main.ts', import.meta.url);
const say = process.stdout.write.bind(process.stdout);
const said = { stdout: '', stderr: '' };
/** The code a command has left with; what it says after that goes nowhere, as it would when the process ends. */
let left: number | undefined;

for (const name of ['stdout', 'stderr'] as const) {
  // Each run of the program listens for errors of its streams.
  process[name].setMaxListeners(0);
  process[name].write = ((part: string | Uint8Array, ...more: unknown[]) => {
    if (left === undefined) said[name] += typeof part === 'string' ? part : Buffer.from(part).toString();
    for (const done of more) if (typeof done === 'function') (done as () => void)();
    return true;
  }) as typeof process.stdout.write;
}
process.exit = ((code?: number) => {
  left ??= code ?? Number(process.exitCode ?? 0);
  throw new Error('the command has ended');
}) as typeof process.exit;

let n = 0;
for await (const line of createInterface({ input: process.stdin })) {
  Object.assign(said, { stdout: '', stderr: '' });
  left = undefined;
  process.exitCode = 0;
  process.argv.splice(2, process.argv.length, ...(JSON.parse(line) as string[]));
  try {
    // A module is run once for each address it is asked for by.
    await import(`${main.href}?${n++}`);
  } catch (error) {
    if (left === undefined) Object.assign(said, { stderr: `${said.stderr}${String(error)}` });
    left ??= 1;
  }
  say(`${JSON.stringify({ code: left ?? process.exitCode ?? 0, ...said })}\n`);
}
