import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { type Life, openLife } from '../harness.ts';
import { startConductorProcess } from './fleet.ts';
import { CRASH_CONFIG } from './side.ts';

// A conductor is stopped (SIGSTOP) in the middle of everything, another takes its nodes over, and it wakes up. It
// must send nothing to any machine: its right to write ended while it slept.

const TIMES = { beatMs: 300, leaseMs: 1_200, marginMs: 300 };

let life: Life;
beforeEach(async () => {
  life = await openLife({ role: 'api', host: 'api', conductor: CRASH_CONFIG });
});
afterEach(() => life.close());

interface Sent {
  id: bigint;
  node_uuid: string;
  incarnation: string;
  fence: bigint;
}

const sent = () =>
  life.store.query<Sent>({ text: 'select id, node_uuid, incarnation, fence from fake_ledger order by id' });

test('a stopped conductor that wakes sends nothing', { timeout: 180_000 }, async () => {
  const slow = { fake_delay_s: { 'deploy.deploy': 0.2, 'deploy.switch_to_tenant_network': 0.2, power: 0.15 } };
  let zombies = 0;
  for (const pauseMs of [250, 600, 1_000]) {
    const sleeper = await startConductorProcess({ databaseUrl: life.test.url, host: 'sleeper', times: TIMES });
    const deploying = await life.enrol(12, { provision_state: 'available', driver_info: slow });
    const rebooting = await life.enrol(12, { driver_info: slow });
    await Promise.all(deploying.map((uuid) => life.verb(uuid, 'active')));
    await Promise.all(rebooting.map((uuid) => life.power(uuid, 'rebooting')));
    await systemClock.sleep(pauseMs);
    sleeper.signal('SIGSTOP');

    const heir = await startConductorProcess({ databaseUrl: life.test.url, host: 'heir', times: TIMES });
    for (const uuid of deploying) await life.until(uuid, 'active', 30_000);
    for (const uuid of rebooting) {
      const node = await life.until(uuid, 'enroll', 30_000);
      expect(node).toMatchObject({ power_state: 'power on', last_error: null });
    }
    const before = (await sent()).at(-1)?.id ?? 0n;
    sleeper.signal('SIGCONT');
    await systemClock.sleep(1_500);
    // Whatever it has to do in its next life is not about these nodes: they are done.
    const after = (await sent()).filter((one) => one.id > before);
    expect(after).toEqual([]);
    // The rights never crossed: on each machine the heir's come after the sleeper's, under a higher fence.
    const highest = new Map<string, bigint>();
    for (const one of await sent()) {
      const last = highest.get(one.node_uuid) ?? 0n;
      expect(one.fence).toBeGreaterThanOrEqual(last);
      highest.set(one.node_uuid, one.fence);
      if (one.incarnation === sleeper.incarnation) zombies++;
    }
    for (const uuid of [...deploying, ...rebooting]) {
      const actions = (await life.ledger(uuid)).map((entry) => entry.action);
      expect(actions).toEqual(actions.filter((action, i) => action !== actions[i - 1]));
    }
    await sleeper.kill();
    await heir.kill();
  }
  // It did begin before it was stopped, or nothing was proven.
  expect(zombies).toBeGreaterThan(0);
});
