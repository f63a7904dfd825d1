import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Life, openLife } from './harness.ts';

// Runbooks as the source of automated cleaning.

let life: Life;
beforeAll(async () => {
  life = await openLife({
    conductor: {
      cleanRunbooks: {
        source: 'hybrid',
        fallback: null,
        byClass: { gold: 'CUSTOM_GOLD', lost: 'CUSTOM_LOST' },
        fromNode: true,
        requireTrait: true,
      },
    },
  });
  for (const [name, step] of [
    ['CUSTOM_GOLD', 'erase_devices_metadata'],
    ['CUSTOM_OWN', 'erase_devices'],
  ]) {
    const steps = [{ interface: 'deploy', step, args: {}, order: 1 }];
    await life.store.query({
      text: 'insert into runbooks (uuid, name, steps, disable_ramdisk, public) values (gen_random_uuid(), $1, $2, false, false)',
      values: [name, JSON.stringify(steps)],
    });
  }
}, 120_000);
afterAll(() => life.close());

test('a node is cleaned by the runbook of its class, or by its own', async () => {
  const failing = (step: string) => ({ fake_fail: { [`clean.${step}`]: true } });
  // What their runbooks do not name would fail.
  const [gold = ''] = await life.enrol(1, {
    resource_class: 'gold',
    traits: ['CUSTOM_GOLD'],
    driver_info: failing('erase_devices'),
  });
  await life.bring(gold, 'available');
  const [own = ''] = await life.enrol(1, {
    resource_class: 'gold',
    traits: ['CUSTOM_OWN'],
    driver_info: { cleaning_runbook: 'CUSTOM_OWN', ...failing('erase_devices_metadata') },
  });
  await life.bring(own, 'available');
  // And their steps do run.
  const [wrong = ''] = await life.enrol(1, {
    resource_class: 'gold',
    traits: ['CUSTOM_GOLD'],
    driver_info: failing('erase_devices_metadata'),
  });
  await life.bring(wrong, 'manageable');
  await life.verb(wrong, 'provide');
  expect((await life.until(wrong, 'clean failed')).last_error).toContain('erase_devices_metadata');
  // Without a runbook everything by priority.
  const [plain = ''] = await life.enrol(1, { driver_info: failing('erase_devices') });
  await life.bring(plain, 'manageable');
  await life.verb(plain, 'provide');
  await life.until(plain, 'clean failed');
});

test('one that is not there, or not meant for the node, is a failure that says so', async () => {
  for (const [columns, said] of [
    [{ resource_class: 'lost' }, /CUSTOM_LOST .* does not exist/],
    [{ resource_class: 'gold' }, /CUSTOM_GOLD .* shares no trait/],
  ] as const) {
    const [uuid = ''] = await life.enrol(1, columns);
    await life.bring(uuid, 'manageable');
    await life.verb(uuid, 'provide');
    const node = await life.until(uuid, 'clean failed');
    expect(node.last_error).toMatch(said);
  }
});
