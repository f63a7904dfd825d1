import type { ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kernel/clock';
import { start } from '#kernel/run';

export const isRoot = process.getuid?.() === 0;
export const NOBODY = 65_534;

/** A folder that `clean` removes. */
export async function scratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-store-'));
  await chmod(dir, 0o755);
  return dir;
}

export async function clean(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
}

export interface Program {
  child: ChildProcess;
  /** The next line of JSON it says. */
  next(): Promise<Record<string, unknown>>;
  tell(text: string): void;
  ended: Promise<number | null>;
}

const PROGRAMS = {
  changes: new URL('./programs/changes.ts', import.meta.url),
  copy: new URL('./programs/copy.ts', import.meta.url),
  own: new URL('./programs/own.ts', import.meta.url),
};

/** Runs a program of `programs/` in a process of its own. */
export function program(
  name: keyof typeof PROGRAMS,
  args: string[],
  account: { uid?: number; gid?: number } = {},
  flags: string[] = [],
): Program {
  const file = fileURLToPath(PROGRAMS[name]);
  const child = start(process.execPath, [...flags, file, ...args], { stdio: ['pipe', 'pipe', 'inherit'], ...account });
  const lines: string[] = [];
  let wake = () => {};
  let buffered = '';
  child.stdout?.setEncoding('utf8');
  child.stdout?.on('data', (text: string) => {
    buffered += text;
    const parts = buffered.split('\n');
    buffered = parts.pop() ?? '';
    lines.push(...parts);
    wake();
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    child,
    ended,
    tell: (text) => void child.stdin?.write(text),
    async next() {
      const end = systemClock.monotonic() + 30_000;
      while (lines.length === 0) {
        if (systemClock.monotonic() > end) throw new Error(`${name} said nothing`);
        await new Promise<void>((resolve) => {
          wake = resolve;
          systemClock.after(50, resolve);
        });
      }
      return JSON.parse(lines.shift() ?? 'null') as Record<string, unknown>;
    },
  };
}

/** Waits until `check` gives something. Fails after `ms`. */
export async function eventually<T>(
  check: () => Promise<T | undefined | false> | T | undefined | false,
  ms = 10_000,
): Promise<T> {
  const end = systemClock.monotonic() + ms;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (systemClock.monotonic() > end) throw new Error(`not so within ${ms} ms`);
    await systemClock.sleep(10);
  }
}
