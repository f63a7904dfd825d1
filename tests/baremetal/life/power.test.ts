import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { type Life, openLife } from './harness.ts';

let life: Life;
beforeAll(async () => {
  life = await openLife({ conductor: { powerChangeMs: 1_000 } });
});
afterAll(() => life.close());

/** Waits until no action on the node is under way. */
async function settled(uuid: string) {
  const deadline = systemClock.monotonic() + 10_000;
  for (;;) {
    const node = await life.row(uuid);
    if (node.intent_id === null) return node;
    if (systemClock.monotonic() > deadline) throw new Error('the action did not end');
    await systemClock.sleep(5);
  }
}

test('power on, off, reboot', async () => {
  const [uuid = ''] = await life.enrol();
  await life.power(uuid, 'power on');
  expect(await settled(uuid)).toMatchObject({ power_state: 'power on', target_power_state: null, reservation: null });
  await life.power(uuid, 'rebooting');
  expect(await settled(uuid)).toMatchObject({ power_state: 'power on' });
  await life.power(uuid, 'power off');
  expect(await settled(uuid)).toMatchObject({ power_state: 'power off', owner_incarnation: null });
  expect((await life.ledger(uuid)).map((one) => one.action)).toEqual([
    'power on',
    'force off',
    'power on',
    'force off',
  ]);
});

test('many at once', async () => {
  const uuids = await life.enrol(300);
  await Promise.all(uuids.map((uuid) => life.power(uuid, 'power on')));
  for (const uuid of uuids) expect(await settled(uuid)).toMatchObject({ power_state: 'power on', last_error: null });
});
