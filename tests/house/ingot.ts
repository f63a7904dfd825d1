import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quickFolder } from '#kernel/testing/quick-folder';

/** The repository. */
export const root = join(import.meta.dirname, '..', '..');

/** The program as people start it from a clone. */
export const PROGRAM = join(root, 'bin', 'ingot.mjs');

/** The same in one file, which whole runs make: its servers start with half the work. */
const QUICK_PROGRAM = process.env['INGOT_TEST_PROGRAM'];

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** Milliseconds from start to end. */
  ms: number;
}

export interface Launch {
  args: readonly string[];
  /** Instead of `bin/ingot.mjs`. */
  program?: string;
  /** Options of the Node that runs the bootstrap. */
  nodeOptions?: readonly string[];
  /** Instead of the Node the tests run on. */
  node?: string;
  env?: Record<string, string>;
  uid?: number;
  cwd?: string;
  deadlineMs?: number;
}

/** A command of ours that runs. */
export interface Launched {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves with the match once standard output matches; rejects when the command ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Environment of the tests' commands: nothing of ours from outside, no files of settings in the home. */
export function cleanEnv(extra: Record<string, string> = {}): Record<string, string> {
  const keep = [
    'PATH',
    'LANG',
    'TMPDIR',
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'npm_config_registry',
    'npm_config_cache',
  ];
  const env: Record<string, string> = { HOME: process.env['HOME'] ?? '/' };
  for (const name of keep) if (process.env[name] !== undefined) env[name] = process.env[name];
  return { ...env, ...extra };
}

/** Starts a command. */
export function launch(options: Launch): Launched {
  const started = performance.now();
  const program = options.program ?? PROGRAM;
  const child = spawn(options.node ?? process.execPath, [...(options.nodeOptions ?? []), program, ...options.args], {
    env: cleanEnv(options.env),
    cwd: options.cwd ?? tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout?.on('data', (part) => {
    stdout += String(part);
    for (const fn of listeners) fn();
  });
  child.stderr?.on('data', (part) => {
    stderr += String(part);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), options.deadlineMs ?? 60_000);
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr, ms: performance.now() - started });
    });
  });
  return {
    child,
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(stdout);
          if (found === null) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        void ended.then((end) => reject(new Error(`ended with ${end.code ?? end.signal}: ${end.stdout}${end.stderr}`)));
        look();
      }),
  };
}

/** Runs a command to its end. */
export function ingot(...args: string[]): Promise<Ended> {
  return launch({ args }).ended;
}

/** What makes a start of the program half the work, in whole runs: all of it in one file, compiled before. */
function inOneFile(env: Record<string, string> = {}): Partial<Launch> {
  if (QUICK_PROGRAM === undefined) return {};
  return { program: QUICK_PROGRAM, env: { NODE_COMPILE_CACHE: join(QUICK_PROGRAM, '../../compiled'), ...env } };
}

/** The same, from one file in whole runs: for what is not about how the program starts. */
export function ingotInOneFile(...args: string[]): Promise<Ended> {
  return launch({ args, ...inOneFile() }).ended;
}

/** A running `ingot up`. */
export interface Up extends Launched {
  url: string;
  dataDir: string;
  /**
   * Milliseconds from the command to the welcome, by which time the API answers; without those in which the program
   * was ready to run and other tests had the processors.
   */
  startMs: number;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

/** Starts `ingot up` on a free port and waits until it says where it is. */
export async function up(dataDir: string, options: Partial<Launch> = {}): Promise<Up> {
  const args = ['up', '--data-dir', dataDir, '--listen', '127.0.0.1:0', '--auth', 'none', ...(options.args ?? [])];
  const started = performance.now();
  const quick = options.program === undefined ? inOneFile(options.env) : {};
  const launched = launch({ ...options, ...quick, args });
  const [, url = ''] = await launched.said(/API +(http:\S+)/);
  return {
    ...launched,
    url,
    dataDir,
    startMs: performance.now() - started - queuedMs(launched.child.pid),
    stop(signal = 'SIGTERM') {
      launched.child.kill(signal);
      return launched.ended;
    },
  };
}

/** Makes a data directory in a folder: after a first start, stopped. */
async function makeSeed(folder: string): Promise<string> {
  const dataDir = join(folder, 'data');
  await (await up(dataDir, { deadlineMs: 300_000 })).stop();
  return dataDir;
}

/**
 * The one seed of a whole run of tests, in the folder its launcher names; made by whoever needs it first. undefined
 * while somebody else makes it, or when this run has none.
 */
async function sharedSeed(): Promise<string | undefined> {
  const folder = process.env['INGOT_TEST_SEED'];
  if (folder === undefined) return undefined;
  const done = join(folder, 'done');
  if (!existsSync(done)) {
    try {
      mkdirSync(join(folder, 'making'));
    } catch {
      return undefined;
    }
    await makeSeed(folder);
    writeFileSync(done, '');
  }
  return join(folder, 'data');
}

function copy(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  execFileSync('cp', ['-a', '--reflink=auto', `${from}/.`, to]);
}

let seed: Promise<string> | undefined;

/** A data directory after its first start: making a database takes seconds, copying one does not. */
export async function seeded(place: { path: string }): Promise<string> {
  seed ??= (async () => {
    const shared = await sharedSeed();
    if (shared !== undefined) return shared;
    const kept = mkdtempSync(join(quickFolder(), 'ingot-house-seed-'));
    process.on('exit', () => rmSync(kept, { recursive: true, force: true }));
    return await makeSeed(kept);
  })();
  const dataDir = join(place.path, 'data');
  copy(await seed, dataDir);
  return dataDir;
}

/**
 * `up` for tests that do not care for the first start: on a copy of a database that was made before, in runs of many
 * files, which saves half of the work. `dataDir` must be empty, or not there yet.
 */
export async function ready(dataDir: string, options: Partial<Launch> = {}): Promise<Up> {
  const made = await sharedSeed();
  if (made !== undefined) copy(made, dataDir);
  return await up(dataDir, options);
}

/** Milliseconds a process waited for a processor. */
function queuedMs(pid: number | undefined): number {
  const [, waited] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
  return Number(waited) / 1e6;
}

/** A folder for one test, removed when it is disposed of; what still runs in it is ended first. */
export function scratch(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(quickFolder(), 'ingot-house-'));
  return {
    path,
    [Symbol.dispose]() {
      for (const { pid } of processesOf(path)) process.kill(pid, 'SIGKILL');
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Processes that work in the folder, or whose command line names it. */
export function processesOf(folder: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const at = readlinkSync(`/proc/${name}/cwd`);
        const state = /^State:\s+(\S)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1];
        // One that the kernel is taking down has no command line any more.
        const runs = state !== 'Z' && command !== '';
        return runs && (command.includes(folder) || at.startsWith(folder)) ? [{ pid: Number(name), command }] : [];
      } catch {
        return []; // it ended while we looked
      }
    });
}

/** Waits until `condition` gives something; fails after the deadline. */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  deadlineMs = 15_000,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`still not so after ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
