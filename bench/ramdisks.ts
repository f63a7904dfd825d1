import autocannon, { type Request } from 'autocannon';
import { goal } from './goals.ts';

export type Call = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** A machine with one port, enrolled. */
export interface Machine {
  uuid: string;
  mac: string;
}

export async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 2400; i++) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what} did not happen within 60 s`);
}

/** Does something for all of them, sixteen at a time. Gives the seconds it took. */
export async function forAll<T>(items: readonly T[], act: (item: T, i: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) await act(items[i] as T, i);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return (performance.now() - started) / 1000;
}

/**
 * Deploys machines that are available, so slowly that they stay in it, and lets their ramdisks look themselves up and
 * send heartbeats, sixteen at a time. Gives how many of each a second, and notes them as goals.
 */
export async function measureRamdisks(
  call: Call,
  url: string,
  machines: readonly Machine[],
  seconds: number,
): Promise<{ lookups: number; heartbeats: number }> {
  await forAll(machines, async ({ uuid }) => {
    const slow = { deploy: 600, 'deploy.deploy': 600 };
    await call('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/driver_info/fake_delay_s', value: slow }]);
    await call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'active' });
  });
  const tokens: string[] = [];
  await forAll(machines, async ({ uuid, mac }, i) => {
    const waits = async () =>
      ((await call('GET', `/v1/nodes/${uuid}?fields=provision_state`)) as { provision_state: string })
        .provision_state === 'wait call-back';
    await until(`node ${uuid} waits for its ramdisk`, waits);
    const found = (await call('GET', `/v1/lookup?addresses=${mac}`)) as { config: { agent_token: string } };
    tokens[i] = found.config.agent_token;
  });
  const headers = { 'x-openstack-ironic-api-version': '1.110', 'content-type': 'application/json' };
  const rate = async (make: () => Pick<Request, 'method' | 'path' | 'body'>): Promise<number> => {
    const setupRequest = (request: Request): Request => ({ ...request, ...make(), headers });
    const result = await autocannon({ url, connections: 16, duration: seconds, requests: [{ setupRequest }] });
    if (result.errors > 0 || result.non2xx > 0) throw new Error(`${result.non2xx} refused, ${result.errors} broken`);
    return result.requests.total / result.duration;
  };
  let n = 0;
  const next = () => n++ % machines.length;
  const lookups = await rate(() => ({ method: 'GET', path: `/v1/lookup?addresses=${machines[next()]?.mac}` }));
  const heartbeats = await rate(() => {
    const i = next();
    const body = { callback_url: `https://10.0.0.${i % 250}:9999`, agent_token: tokens[i], agent_version: '11.0' };
    return { method: 'POST', path: `/v1/heartbeat/${machines[i]?.uuid}`, body: JSON.stringify(body) };
  });
  goal('lookups', lookups, 'at least', 3_000, '/s');
  goal('heartbeats', heartbeats, 'at least', 3_000, '/s');
  return { lookups, heartbeats };
}
