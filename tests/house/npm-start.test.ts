import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processesOf, root, scratch, seeded, until } from './ingot.ts';

/** Starts a command in the repository and waits until the program welcomes us. Gives what was printed since. */
async function welcomed(file: string, args: readonly string[]): Promise<{ child: ChildProcess; printed(): string }> {
  const child = spawn(file, args, { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += String(part)));
  await until('the welcome', () => text.includes('Stop    Ctrl-C') || (child.exitCode !== null && text), 60_000);
  expect(text).toContain('Stop    Ctrl-C');
  return { child, printed: () => text };
}

const flags = (dataDir: string) => [
  '--data-dir',
  dataDir,
  '--listen',
  '127.0.0.1:0',
  '--auth',
  'none',
  '--lab',
  'none',
];

async function allStopped(folder: string, dataDir: string): Promise<void> {
  await until('all have ended', () => processesOf(folder).length === 0);
  expect(existsSync(join(dataDir, 'pg', 'postmaster.pid'))).toBe(false);
}

/** npm on a terminal of its own. */
const onTerminal = (dataDir: string) =>
  welcomed('script', ['-qfec', `npm start -- ${flags(dataDir).join(' ')}`, '/dev/null']);

test('Ctrl-C stops npm start and all it started, in order', async (context) => {
  context.skip(!existsSync('/usr/bin/script'), 'a terminal is made by the program script (package bsdutils)');
  using place = scratch();
  const dataDir = await seeded(place);
  const { child, printed } = await onTerminal(dataDir);
  child.stdin?.write('\x03');
  await allStopped(place.path, dataDir);
  expect(printed()).toContain('clean=true');
});

test('closing the terminal stops npm start', async (context) => {
  context.skip(!existsSync('/usr/bin/script'), 'a terminal is made by the program script (package bsdutils)');
  using place = scratch();
  const dataDir = await seeded(place);
  const { child } = await onTerminal(dataDir);
  child.kill('SIGKILL');
  await allStopped(place.path, dataDir);
});

test.each(['SIGTERM', 'SIGKILL'] as const)('%s of npm alone stops what it started', async (signal) => {
  using place = scratch();
  const dataDir = await seeded(place);
  const { child } = await welcomed('npm', ['start', '--', ...flags(dataDir)]);
  child.kill(signal);
  await allStopped(place.path, dataDir);
});
