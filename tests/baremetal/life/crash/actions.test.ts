import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { type Life, openLife } from '../harness.ts';
import { CRASH_CONFIG } from './side.ts';
import { startConductorProcess } from './fleet.ts';

// What people ask of machines, and the conductor is killed before and after each statement on the way. Another
// conductor ends every action; what cannot be read back is never sent twice, and when nobody knows whether it was
// sent the history says so. A sample here; all of it with CRASH=all.

const STEP = process.env['CRASH'] === 'all' ? 1 : 4;
/** More than the statements the six actions below make: the loop ends when a conductor survives. */
const MOST = 400;

let life: Life;
beforeEach(async () => {
  life = await openLife({ role: 'api', host: 'crash', conductor: CRASH_CONFIG });
});
afterEach(() => life.close());

const ASKED = ['power on', 'power off', 'rebooting', 'soft power off', 'soft rebooting', 'nmi'] as const;
const RELATIVE = ['soft off', 'nmi'];

async function ask(uuid: string, action: (typeof ASKED)[number]): Promise<void> {
  const { deps } = life.room;
  if (action !== 'nmi') return await life.power(uuid, action, action.startsWith('soft') ? 1 : undefined);
  const call = { interface: 'management', method: 'injectNmi', args: {} } as const;
  // The caller waits for the result; here it only matters that it was asked for.
  void deps.verbs
    .driverCall(deps, { requestId: 'r', userId: 'u', projectId: null }, uuid, call, 20_000)
    .catch(() => {});
  while ((await life.row(uuid)).intent_id === null) await systemClock.sleep(2);
}

async function settled(uuid: string) {
  const deadline = systemClock.monotonic() + 20_000;
  for (;;) {
    const node = await life.row(uuid);
    if (node.intent_id === null) return node;
    if (systemClock.monotonic() > deadline) throw new Error(`an action on ${uuid} did not end`);
    await systemClock.sleep(20);
  }
}

test('a conductor killed during actions is replaced, and nothing is sent twice', { timeout: 300_000 }, async () => {
  let unknown = 0;
  let kills = 0;
  let previous: (() => Promise<void>) | undefined;
  for (let killAt = 1; killAt <= MOST; killAt += STEP) {
    const victim = await startConductorProcess({ databaseUrl: life.test.url, host: 'crash', killAt });
    await previous?.();
    victim.signal('SIGUSR2');
    const uuids = await life.enrol(ASKED.length);
    for (const [i, uuid] of uuids.entries()) {
      const on = ASKED[i] !== 'power on';
      await life.store.query({
        text: 'insert into fake_machines (node_uuid, state) values ($1, $2)',
        values: [uuid, JSON.stringify({ power: on ? 'power on' : 'power off' })],
      });
    }
    await Promise.all(uuids.map((uuid, i) => ask(uuid, ASKED[i] as (typeof ASKED)[number])));
    await Promise.race([victim.gone, Promise.all(uuids.map(settled))]);
    const died = await Promise.race([victim.gone.then(() => true), systemClock.sleep(50).then(() => false)]);
    if (died) kills++;
    const at = killAt;
    previous = async () => {
      for (const [i, uuid] of uuids.entries()) {
        const action = ASKED[i] as string;
        const node = await settled(uuid);
        const said = (await life.ledger(uuid)).map((entry) => entry.action);
        const what = `${action}, killed at ${at}: ${said.join(', ')}`;
        expect(said, what).toEqual(said.filter((one, k) => one !== said[k - 1]));
        for (const one of RELATIVE) expect(said.filter((other) => other === one).length, what).toBeLessThan(2);
        const events = (await life.history(uuid)).map((entry) => entry.event);
        const unsure = events.some((event) => event.startsWith('Outcome unknown'));
        if (unsure) unknown++;
        expect(node, what).toMatchObject({ target_power_state: null, reservation: null, owner_incarnation: null });
        if (action === 'nmi') expect(said.includes('nmi') || unsure, what).toBe(true);
        else if (!action.startsWith('soft')) {
          expect(node, what).toMatchObject({
            power_state: action === 'power off' ? 'power off' : 'power on',
            last_error: null,
          });
        } else if (!unsure) expect(said, what).toContain('soft off');
      }
    };
    if (!died) {
      await victim.kill();
      break;
    }
  }
  const last = await startConductorProcess({ databaseUrl: life.test.url, host: 'crash' });
  await previous?.();
  await last.kill();
  process.stdout.write(`killed ${kills} times; ${unknown} outcomes were unknown and told\n`);
  expect(kills).toBeGreaterThan(5);
});
