import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Life, openLife } from './harness.ts';

let life: Life;
beforeAll(async () => {
  life = await openLife();
});
afterAll(() => life.close());

test('a node goes through its whole life', async () => {
  const [uuid = ''] = await life.enrol();
  await life.bring(uuid, 'active');
  await life.verb(uuid, 'deleted');
  const node = await life.until(uuid, 'available');
  expect(node).toMatchObject({ last_error: null, reservation: null, owner_incarnation: null, progress: null });
  const events = (await life.history(uuid)).map((entry) => entry.event);
  expect(events).toEqual([
    'enroll → verifying',
    'verifying → manageable',
    'manageable → cleaning',
    'cleaning → available',
    'available → deploying',
    'deploying → active',
    'active → deleting',
    'deleting → cleaning',
    'cleaning → available',
  ]);
});
