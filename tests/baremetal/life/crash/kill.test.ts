import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Operation, OperationInput } from '#baremetal/workflows/operation';
import { OPERATIONS } from '#baremetal/workflows/all';
import { newUuid } from '#kernel/ids';
import type { TestStore } from '#store/testing';
import type { Workflow, WorkRuntime } from '#work/contract';
import { createWork } from '#work/runtime';
import { killAtEachBoundary } from '#work/testing/kill';
import type { Ended } from '#work/testing/prove';
import { openWorkStore } from '#work/testing/store';
import { insertNode, type LedgerView, type NodeView } from '../harness.ts';
import { makeSide } from './side.ts';

// A conductor is killed with SIGKILL before and after every statement, every action on a machine and every record
// of an operation. Another must bring the node to its goal, and the machine must have been told nothing twice.
// A sample here; all of it with `CRASH=all npx vitest run --project system tests/baremetal/life/crash/kill`.

const ALL = process.env['CRASH'] === 'all';

interface Case {
  operation: Operation['name'];
  from: string;
  state: string;
  target: string;
  goal: string;
  /** Of the machine at the end. */
  power: string;
  powerAtFirst?: 'power on' | 'power off';
  input?: Partial<OperationInput>;
  driverInfo?: object;
}

const CASES: Case[] = [
  { operation: 'deploy', from: 'available', state: 'deploying', target: 'active', goal: 'active', power: 'power on' },
  {
    operation: 'clean',
    from: 'manageable',
    state: 'cleaning',
    target: 'available',
    goal: 'available',
    power: 'power off',
    // A wait in the middle: resting and resuming are boundaries too.
    driverInfo: { fake_delay_s: { 'clean.erase_devices': 1 } },
  },
  {
    operation: 'inspect',
    from: 'manageable',
    state: 'inspecting',
    target: 'manageable',
    goal: 'manageable',
    power: '',
  },
  {
    operation: 'rescue',
    from: 'active',
    state: 'rescuing',
    target: 'rescue',
    goal: 'rescue',
    power: 'power on',
    powerAtFirst: 'power on',
  },
  {
    operation: 'service',
    from: 'active',
    state: 'servicing',
    target: 'active',
    goal: 'active',
    power: 'power on',
    powerAtFirst: 'power on',
    input: { steps: [{ interface: 'deploy', step: 'burnin_cpu' }] },
  },
  {
    operation: 'undeploy',
    from: 'active',
    state: 'deleting',
    target: 'available',
    goal: 'available',
    power: 'power off',
    powerAtFirst: 'power on',
  },
];

let db: TestStore;
let work: WorkRuntime;
beforeEach(async () => {
  db = await openWorkStore();
  work = createWork({ store: db.store, role: 'api', host: 'api' });
  makeSide(db.store, work);
  await work.start();
});
afterEach(async () => {
  await work.stop();
  await db.close();
});

const nodes = new Map<string, string>();

async function begin(one: Case, id: string): Promise<void> {
  const uuid = newUuid();
  nodes.set(id, uuid);
  await insertNode(db.store, uuid, {
    provision_state: one.state,
    target_provision_state: one.target,
    operation_id: id,
    operation: one.operation,
    driver_info: one.driverInfo ?? {},
    provision_updated_at: new Date(),
  });
  await db.store.query({
    text: 'insert into fake_machines (node_uuid, state) values ($1, $2)',
    values: [uuid, JSON.stringify({ power: one.powerAtFirst ?? 'power off' })],
  });
  const input: OperationInput = {
    node: uuid,
    requestId: 'req-kill',
    userId: null,
    projectId: null,
    from: one.from as NodeView['provision_state'],
    ...one.input,
  };
  const { name, version, limit } = OPERATIONS[one.operation];
  const workflow = { name, version, ...(limit === undefined ? {} : { limit }) } as Workflow<OperationInput>;
  await db.store.tx((tx) => work.enqueue(tx, workflow, input, { id, group: '' }));
}

async function verify(one: Case, ended: Ended): Promise<void> {
  const uuid = nodes.get(ended.id) ?? '';
  const [node] = await db.store.query<NodeView>({ text: 'select * from nodes where uuid = $1', values: [uuid] });
  expect(ended.state).toBe('done');
  expect(node).toMatchObject({
    provision_state: one.goal,
    target_provision_state: null,
    operation_id: null,
    reservation: null,
    owner_incarnation: null,
    progress: null,
    last_error: null,
    maintenance: false,
  });
  const intents = await db.store.query({ text: 'select * from node_intents where node_uuid = $1', values: [uuid] });
  expect(intents).toEqual([]);
  const [machine] = await db.store.query<{ power: string }>({
    text: `select state::jsonb ->> 'power' as power from fake_machines where node_uuid = $1`,
    values: [uuid],
  });
  if (one.power !== '') expect([machine?.power, node?.power_state]).toEqual([one.power, one.power]);
  const ledger = await db.store.query<LedgerView>({
    text: 'select * from fake_ledger where node_uuid = $1 order by id',
    values: [uuid],
  });
  const power = ledger.map((entry) => entry.action).filter((action) => /power|force|nmi|soft/.test(action));
  // Nothing said to a machine that is there already, relative or not.
  expect(power).toEqual(power.filter((action, i) => action !== power[i - 1]));
  const fences = ledger.map((entry) => entry.fence);
  expect(fences).toEqual([...fences].sort((a, b) => (a < b ? -1 : 1)));
}

describe.each(CASES)('a conductor killed during $operation', (one) => {
  test(
    'is replaced by one that gets there',
    async () => {
      const killed = await killAtEachBoundary({
        module: fileURLToPath(new URL('./scenario.ts', import.meta.url)),
        databaseUrl: db.url,
        work,
        store: db.store,
        begin: (id) => begin(one, id),
        verify: (ended) => verify(one, ended),
        ...(ALL ? {} : { every: { nth: 7, offset: 3 } }),
      });
      process.stdout.write(`${one.operation}: killed at ${killed.length} boundaries\n`);
      expect(killed.length).toBeGreaterThan(2);
    },
    ALL ? 900_000 : 120_000,
  );
});
