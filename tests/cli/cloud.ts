import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { cleanEnv, ready, scratch, type Up } from '../house/ingot.ts';

/** How a command ended. */
export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** A running server and the command that speaks to it. */
export interface CliCloud extends AsyncDisposable {
  server: Up;
  env: Record<string, string>;
  /** `ingot …` with these words; its end, whatever it was. */
  run(...args: string[]): Promise<Said>;
  /** `ingot baremetal …`: must succeed; what it printed. */
  ok(words: string, ...args: string[]): Promise<string>;
  /** The same with `-f json`, parsed. */
  json<T = Record<string, unknown>>(words: string, ...args: string[]): Promise<T>;
}

/** One process for many commands; see programs/many.ts. The tests of `tests/house` and `help.test.ts` start each by itself. */
function shell(env: Record<string, string>) {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'programs', 'many.ts')],
    {
      env: cleanEnv(env),
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let before: Promise<unknown> = Promise.resolve();
  const one = async (words: readonly string[]): Promise<Said> => {
    child.stdin.write(`${JSON.stringify(words)}\n`);
    const { value } = await lines.next();
    return JSON.parse(value as string) as Said;
  };
  return {
    /** One after another: they share what they say it on. */
    run(words: readonly string[]): Promise<Said> {
      const said = before.then(() => one(words));
      before = said.catch(() => {});
      return said;
    },
    close: () => child.stdin.end(),
  };
}

/** Starts a server of its own. The commands find it as a person's do: by the clouds.yaml in its data directory. */
export async function cliCloud(args: readonly string[] = []): Promise<CliCloud> {
  const folder = scratch();
  const server = await ready(join(folder.path, 'data'), { args });
  const env = { INGOT_DATA_DIR: server.dataDir };
  const commands = shell(env);
  const run = (...words: string[]) => commands.run(words);
  const ok = async (words: string, ...more: string[]) => {
    const end = await run('baremetal', ...words.split(' '), ...more);
    expect(end.code, `${words} ${more.join(' ')}: ${end.stdout}${end.stderr}`).toBe(0);
    return end.stdout;
  };
  return {
    server,
    env,
    run,
    ok,
    json: async <T>(words: string, ...more: string[]) => JSON.parse(await ok(words, ...more, '-f', 'json')) as T,
    async [Symbol.asyncDispose]() {
      commands.close();
      await server.stop();
      folder[Symbol.dispose]();
    },
  };
}
