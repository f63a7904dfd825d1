import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kernel/clock';
import { childEnv, start } from '#kernel/run';
import { COMPILED, oneFile } from '#kernel/testing/one-file';
import type { ConductorOptions } from './conductor.ts';

/** A conductor in a process of its own, to be stopped and killed. */
export interface ConductorProcess {
  readonly incarnation: string;
  signal(name: NodeJS.Signals): void;
  /** Resolves when it is gone, however it went. */
  readonly gone: Promise<void>;
  kill(): Promise<void>;
}

/** Starts one, and waits until it takes work. */
export async function startConductorProcess(options: ConductorOptions): Promise<ConductorProcess> {
  const path = fileURLToPath(new URL('./conductor.ts', import.meta.url));
  const program = await oneFile(`import ${JSON.stringify(path)};`);
  const child: ChildProcess = start(
    process.execPath,
    ['--disable-warning=DeprecationWarning', '--max-semi-space-size=4', program, JSON.stringify(options)],
    { stdio: ['pipe', 'pipe', 'inherit'], env: childEnv({ NODE_COMPILE_CACHE: COMPILED }) },
  );
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const incarnation = await new Promise<string>((resolve, reject) => {
    const late = systemClock.after(120_000, () => reject(new Error('a conductor did not get ready within 120 s')));
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (!line.startsWith('ready ')) return;
        late();
        resolve(line.slice(6));
      });
    }
    void gone.then(() => reject(new Error('a conductor ended before it was ready')));
  });
  return {
    incarnation,
    signal: (name) => void child.kill(name),
    gone,
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
