import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { boundTo, run } from './run.ts';

test('a child that is bound gives its output and its exit code as any other', async () => {
  const done = await run('sh', ['-c', 'echo out; exit 3'], { timeoutMs: 5_000, bound: true, okCodes: [3] });
  expect(done).toMatchObject({ code: 3, stdout: 'out\n' });
});

test('a program that is not there is missing, bound or not', async () => {
  for (const bound of [true, false]) {
    await expect(run('no-such-program', [], { timeoutMs: 5_000, bound })).rejects.toMatchObject({
      code: 'ChildMissing',
    });
  }
});

test('a child that is bound dies with a parent that is killed', async () => {
  const [file, args] = boundTo('sleep', ['600']);
  const script = `const child = require('node:child_process').spawn('${file}', ${JSON.stringify(args)}, { stdio: 'ignore' });
    console.log(child.pid); setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number(
    await new Promise<string>((resolve) => parent.stdout.once('data', (part) => resolve(String(part)))),
  );
  const alive = () => {
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };
  expect(alive()).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(alive, { timeout: 5_000 }).toBe(false);
});
