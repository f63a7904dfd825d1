import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext } from 'vitest';
import { launch, type Launched } from '../../house/ingot.ts';

export interface Answer {
  status: number;
  text: string;
  /** The body as JSON, {} when it is none. */
  body: Record<string, unknown>;
}

/** Is this another attempt at a test that failed? */
export const isAgain = ({ task }: TestContext): boolean => (task.result?.retryCount ?? 0) > 0;

/** Talks to a running API at a version, newest by default. */
export function client(base: string) {
  const ask = async (method: string, path: string, body?: unknown, version = '1.115'): Promise<Answer> => {
    const reply = await fetch(base + path, {
      method,
      headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': version },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(90_000),
    });
    const text = await reply.text();
    let parsed: Record<string, unknown> = {};
    try {
      parsed = JSON.parse(text) as Record<string, unknown>;
    } catch {
      // Not every answer has a body.
    }
    return { status: reply.status, text, body: parsed };
  };
  const want = async (
    status: number,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Record<string, unknown>> => {
    const got = await ask(method, path, body);
    expect([got.status, got.status === status ? '' : got.text], `${method} ${path}`).toEqual([status, '']);
    return got.body;
  };
  return {
    ask,
    want,
    /** Takes away what an attempt that failed has left: its names are those of the next attempt. */
    async clear(): Promise<void> {
      const list = async (what: string) => {
        const { body } = await ask('GET', `/v1/${what}?fields=uuid`);
        return (body[what] as { uuid: string }[]).map(({ uuid }) => `/v1/${what}/${uuid}`);
      };
      for (const path of await list('allocations')) await ask('DELETE', path);
      for (const path of await list('nodes')) {
        await ask('PATCH', path, [{ op: 'replace', path: '/protected', value: false }]);
        await ask('PUT', `${path}/maintenance`, { reason: 'tried again' });
        const gone = async () => (await ask('DELETE', path)).status;
        await expect.poll(gone, { timeout: 60_000, interval: 200 }).toBe(204);
      }
    },
    /** Waits until the node rests in a state. */
    async reach(node: string, state: string): Promise<void> {
      const look = async () => {
        const { body } = await ask('GET', `/v1/nodes/${node}`);
        return [body['provision_state'], body['target_provision_state'], body['last_error']];
      };
      await expect.poll(look, { timeout: 60_000, interval: 50 }).toEqual([state, null, null]);
    },
    /** A fake node that has gone through the verbs. */
    async node(name: string, facts: object, ...verbs: readonly [string, string][]): Promise<string> {
      const made = await want(201, 'POST', '/v1/nodes', { driver: 'fake-hardware', name, ...facts });
      const uuid = made['uuid'] as string;
      for (const [target, state] of verbs) {
        await want(202, 'PUT', `/v1/nodes/${uuid}/states/provision`, { target });
        await this.reach(uuid, state);
      }
      return uuid;
    },
  };
}

/**
 * A conductor in a process of its own, on the database of the one whose directory is given, with settings in TOML.
 * Resolves when it takes work.
 */
export async function conductor(dataDir: string, settings = ''): Promise<Launched> {
  const own = `${dataDir}-conductor`;
  mkdirSync(own, { recursive: true, mode: 0o700 });
  copyFileSync(join(dataDir, 'keys.json'), join(own, 'keys.json'));
  const file = join(own, 'ingot.toml');
  writeFileSync(file, settings);
  const { ingot } = JSON.parse(readFileSync(join(dataDir, 'database.json'), 'utf8')) as { ingot: string };
  const socket = encodeURIComponent(readFileSync(join(dataDir, 'pg', 'postmaster.pid'), 'utf8').split('\n')[4] ?? '');
  const launched = launch({
    args: ['up', '--data-dir', own, '--auth', 'none', '--role', 'conductor', '--status-listen', '127.0.0.1:0'],
    env: {
      INGOT_CONFIG: file,
      DATABASE_URL: `postgresql://ingot:${encodeURIComponent(ingot)}@localhost/ingot?host=${socket}`,
    },
    deadlineMs: 300_000,
  });
  await launched.said(/Status +http/);
  return launched;
}
