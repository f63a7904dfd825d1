import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { systemClock } from './clock.ts';
import { IngotError } from './errors.ts';

export interface RunOptions {
  /** Milliseconds after which the child is killed. Every child has a deadline. */
  timeoutMs: number;
  cwd?: string;
  /** The whole environment of the child; nothing is inherited but PATH, HOME and LANG. */
  env?: Record<string, string>;
  /** Written to the child's standard input. */
  input?: string | Buffer;
  /** Bytes of each of stdout and stderr kept; more than this kills the child. Default 1 MiB. */
  maxOutput?: number;
  uid?: number;
  gid?: number;
  signal?: AbortSignal;
  /** File descriptors the child gets as 3, 4, … */
  fds?: readonly number[];
  /** Exit codes that are not an error. Default [0]. */
  okCodes?: readonly number[];
  /** The child dies with us, even when we are killed: for what works for minutes. Default no. */
  bound?: boolean;
}

export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
  /** Milliseconds it took. */
  elapsedMs: number;
}

/** The environment children get unless told otherwise: enough to find programs, no secrets of ours. */
export function childEnv(extra: Record<string, string> = {}): Record<string, string> {
  const env: Record<string, string> = { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
  if (process.env['HOME']) env['HOME'] = process.env['HOME'];
  return { ...env, ...extra };
}

/**
 * Runs a program with an argument array, never a shell, to its end.
 * Throws IngotError `ChildFailed` (exit code not ok), `ChildTimeout`, `ChildOutput` (too much output)
 * or `ChildMissing` (no such program). The arguments are not part of the message: they may hold secrets.
 */
export async function run(file: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const started = systemClock.monotonic();
  const max = options.maxOutput ?? 1024 * 1024;
  const [program, argv] = options.bound === true ? boundTo(file, args) : [file, args];
  const child = spawn(program, argv, {
    cwd: options.cwd,
    env: options.env ?? childEnv(),
    stdio: ['pipe', 'pipe', 'pipe', ...(options.fds ?? [])],
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  }) as ChildProcessWithoutNullStreams; // the first three are pipes
  let failure: IngotError | undefined;
  const stop = (error: IngotError) => {
    failure ??= error;
    child.kill('SIGKILL');
  };
  const cancelTimer = systemClock.after(options.timeoutMs, () =>
    stop(new IngotError('ChildTimeout', 504, `${file} did not finish within ${options.timeoutMs} ms`)),
  );
  const onAbort = () => stop(new IngotError('ChildAborted', 499, `${file} was aborted`));
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const collect = (stream: NodeJS.ReadableStream) => {
    const parts: Buffer[] = [];
    let size = 0;
    stream.on('data', (part: Buffer) => {
      size += part.length;
      if (size > max) stop(new IngotError('ChildOutput', 502, `${file} wrote more than ${max} bytes`));
      else parts.push(part);
    });
    return () => Buffer.concat(parts).toString('utf8');
  };
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  child.stdin.on('error', () => {}); // a child that does not read its input closes the pipe: not our error
  child.stdin.end(options.input ?? '');
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ENOENT' ? missing(file, error) : error),
      );
      child.on('close', (exit, signalName) => resolve(exit ?? (signalName === null ? 1 : 128)));
    });
    if (failure) throw failure;
    if (options.bound === true && code === 127) throw missing(file);
    if (!(options.okCodes ?? [0]).includes(code)) {
      const said = stderr().trim().split('\n').slice(-3).join(' ');
      throw new IngotError('ChildFailed', 502, `${file} exited with ${code}: ${said}`, { details: { code } });
    }
    return { code, stdout: stdout(), stderr: stderr(), elapsedMs: systemClock.monotonic() - started };
  } finally {
    cancelTimer();
    options.signal?.removeEventListener('abort', onAbort);
  }
}

const missing = (file: string, cause?: Error) =>
  new IngotError('ChildMissing', 501, `The program ${file} is not installed`, { cause });

/** The command that has the kernel send the program SIGKILL when we end (PR_SET_PDEATHSIG, by util-linux' setpriv). */
export const boundTo = (file: string, args: readonly string[]): [string, string[]] => [
  'setpriv',
  ['--pdeathsig', 'KILL', file, ...args],
];

/** Options of a child that stays: its streams are the caller's to read. */
export interface StartOptions {
  cwd?: string;
  env?: Record<string, string>;
  uid?: number;
  gid?: number;
  stdio?: 'pipe' | 'ignore' | ('pipe' | 'ignore' | 'inherit' | 'ipc' | number)[];
  detached?: boolean;
}

/** Starts a program that goes on running (a server). The caller owns its end. */
export function start(file: string, args: readonly string[], options: StartOptions = {}): ChildProcess {
  return spawn(file, args, {
    cwd: options.cwd,
    env: options.env ?? childEnv(),
    stdio: options.stdio ?? 'pipe',
    detached: options.detached ?? false,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
}
