import { goal } from './goals.ts';
import { load, wire } from './load.ts';

export type Call = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** What is asked, and how many at a time. */
export type RamdiskCall = `${'lookup' | 'heartbeat'}, ${16 | 64} at a time`;

/** What was measured of one kind of request. */
export interface Measured {
  /** How many a second. */
  rate: number;
  /** Microseconds of CPU of the product and its database for each; 0 when nobody counts them. */
  cpu: number;
  /** The same of the client, which is taken from the same processors. */
  client: number;
}

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
 * send heartbeats: sixteen at a time, as the others in these benches, and 64, as a rack does. Gives how many of each a
 * second, and notes them as goals. `cpuMs`: milliseconds of CPU the product and its database have used.
 */
export async function measureRamdisks(
  call: Call,
  port: number,
  machines: readonly Machine[],
  seconds: number,
  cpuMs: () => Promise<number> = async () => 0,
): Promise<Record<RamdiskCall, Measured>> {
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
  const measure = async (requests: string[], connections: number): Promise<Measured> => {
    const order = { port, connections, requests };
    await load({ ...order, seconds: 1 }); // until the code is compiled
    const before = await cpuMs();
    const { requests: done, seconds: took, cpu } = await load({ ...order, seconds });
    const used = ((await cpuMs()) - before) * 1000;
    return { rate: done / took, cpu: Math.round(used / done), client: Math.round(cpu / done) };
  };
  const lookups = machines.map(({ mac }) => wire('GET', port, `/v1/lookup?addresses=${mac}`));
  const beats = machines.map(({ uuid }, i) => {
    const body = { callback_url: `https://10.0.0.${i % 250}:9999`, agent_token: tokens[i], agent_version: '11.0' };
    return wire('POST', port, `/v1/heartbeat/${uuid}`, JSON.stringify(body));
  });
  const measured = {
    'lookup, 16 at a time': await measure(lookups, 16),
    'lookup, 64 at a time': await measure(lookups, 64),
    'heartbeat, 16 at a time': await measure(beats, 16),
    'heartbeat, 64 at a time': await measure(beats, 64),
  };
  for (const [what, { rate }] of Object.entries(measured)) goal(what, rate, 'at least', 3_000, '/s');
  return measured;
}
