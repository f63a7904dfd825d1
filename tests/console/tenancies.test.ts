import { afterAll, beforeAll, expect, test } from 'vitest';
import { newUuid } from '#kernel/ids';
import { INTERFACE_KINDS } from '#baremetal/model/interfaces';
import { PROVISION_STATES } from '#baremetal/states/names';
import { openTenancies, tenanciesOf } from '#console/store/tenancies';
import { openTestStore } from '#store/testing';

let db: Awaited<ReturnType<typeof openTestStore>>;

beforeAll(async () => {
  db = await openTestStore();
});
afterAll(() => db.close());

async function node(state = 'available'): Promise<string> {
  const uuid = newUuid();
  const interfaces = INTERFACE_KINDS.map((kind) => `${kind}_interface`);
  await db.store.query({
    text: `insert into nodes (uuid, driver, provision_state, ${interfaces.join(', ')})
      values ($1, 'fake-hardware', $2, ${interfaces.map(() => "'fake'").join(', ')})`,
    values: [uuid, state],
  });
  return uuid;
}

const change = (uuid: string, columns: Record<string, unknown>) =>
  db.store.query({
    text: `update nodes set ${Object.keys(columns)
      .map((name, i) => `${name} = $${i + 2}`)
      .join(', ')} where uuid = $1`,
    values: [uuid, ...Object.values(columns)],
  });

const now = async (uuid: string) => (await openTenancies(db.store, [uuid])).get(uuid)?.id ?? null;

test('a tenancy is from the start of the deploy to the start of the undeploy', async () => {
  const uuid = await node();
  await change(uuid, { owner: 'own', lessee: 'red', instance_uuid: newUuid() });
  expect(await now(uuid)).toBeNull();
  await change(uuid, { provision_state: 'deploying' });
  const first = await now(uuid);
  expect(first).not.toBeNull();
  for (const state of [
    'wait call-back',
    'deploying',
    'active',
    'rescuing',
    'rescue',
    'unrescuing',
    'active',
    'deploying',
    'active',
  ]) {
    await change(uuid, { provision_state: state });
    expect(await now(uuid), state).toBe(first);
  }
  await change(uuid, { provision_state: 'deleting' });
  expect(await now(uuid)).toBeNull();
  await change(uuid, { provision_state: 'cleaning', lessee: null, instance_uuid: null });
  await change(uuid, { provision_state: 'available' });
  await change(uuid, { provision_state: 'deploying' });
  expect(await now(uuid)).toBeGreaterThan(first as number);
});

test('it ends when somebody else gets the machine, also without an undeploy', async () => {
  const uuid = await node('active');
  await change(uuid, { provision_state: 'manageable' });
  await change(uuid, { provision_state: 'active', owner: 'own' });
  const ids = [await now(uuid)];
  const instance = newUuid();
  await change(uuid, { instance_uuid: instance });
  expect(await now(uuid)).toBe(ids[0]); // a name for the same
  for (const columns of [
    { lessee: 'red' },
    { lessee: 'blue' },
    { owner: 'other' },
    { instance_uuid: newUuid() },
    { lessee: null },
  ]) {
    await change(uuid, columns);
    const id = await now(uuid);
    expect(ids).not.toContain(id);
    ids.push(id);
  }
  const [last, ...before] = await tenanciesOf(db.store, uuid);
  expect(last).toMatchObject({ open: true, owner: 'other', lessee: null });
  expect(before.every(({ open }) => !open)).toBe(true);
});

test('what is not a lease has no tenancy, state by state', async () => {
  const leased = PROVISION_STATES.filter((state) => /^(deploy|wait call|active|rescu|unrescu|servic)/.test(state));
  for (const state of PROVISION_STATES) {
    const uuid = await node();
    await change(uuid, { provision_state: state });
    expect((await now(uuid)) !== null, state).toBe(leased.includes(state));
  }
});

test('a node that is deleted leaves none open', async () => {
  const uuid = await node();
  await change(uuid, { provision_state: 'active' });
  await db.store.query({ text: 'delete from nodes where uuid = $1', values: [uuid] });
  expect(await now(uuid)).toBeNull();
});
