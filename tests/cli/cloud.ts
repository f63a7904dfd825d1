import { expect } from 'vitest';
import { type Ended, launch, scratch, type Up, up } from '../house/ingot.ts';

/** A running server and the command that speaks to it. */
export interface CliCloud extends AsyncDisposable {
  server: Up;
  env: Record<string, string>;
  /** `ingot …` with these words; its end, whatever it was. */
  run(...args: string[]): Promise<Ended>;
  /** `ingot baremetal …`: must succeed; what it printed. */
  ok(words: string, ...args: string[]): Promise<string>;
  /** The same with `-f json`, parsed. */
  json<T = Record<string, unknown>>(words: string, ...args: string[]): Promise<T>;
}

/** Starts a server of its own. The commands find it as a person's do: by the clouds.yaml in its data directory. */
export async function cliCloud(args: readonly string[] = []): Promise<CliCloud> {
  const folder = scratch();
  const server = await up(folder.path, { args });
  const env = { INGOT_DATA_DIR: folder.path };
  const run = (...words: string[]) => launch({ args: words, env }).ended;
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
      await server.stop();
      folder[Symbol.dispose]();
    },
  };
}
