import { fileURLToPath } from 'node:url';
import { secretAad } from '#baremetal/model/secrets';
import { OPERATIONS } from '#baremetal/workflows/all';
import type { Operation, OperationInput } from '#baremetal/workflows/operation';
import type { ProvisionState } from '#baremetal/states/names';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Workflow } from '#work/contract';
import { killAtEachBoundary } from '#work/testing/kill';
import type { Ended } from '#work/testing/prove';
import { testSealer } from '../life/harness.ts';
import { AGENT_CRASH_CONFIG } from './crash-scenario.ts';
import { openRack, type Rack } from './rack.ts';
import { INSTANCE } from './stand-in-images.ts';

// A conductor that works through an agent is killed with SIGKILL before and after its statements. Another must bring
// the machine to its goal, by asking the agent what it did: nothing is given to one start of a ramdisk twice. A sample
// here; all of it with CRASH=all.

const ALL = process.env['CRASH'] === 'all';

interface Case {
  operation: Operation['name'];
  from: ProvisionState;
  state: ProvisionState;
  target: ProvisionState;
  goal: ProvisionState;
  nth: number;
  offset: number;
  columns?: Record<string, unknown>;
  sealedInstance?: Record<string, unknown>;
  /** Steps that were asked for. */
  steps?: OperationInput['steps'];
  /** Commands that must not be given to one start of the ramdisk twice. */
  once: readonly string[];
}

const CASES: Case[] = [
  {
    operation: 'deploy',
    from: 'available',
    state: 'deploying',
    target: 'active',
    goal: 'active',
    nth: 23,
    offset: 8,
    columns: { instance_info: INSTANCE },
    once: ['standby.prepare_image', 'image.install_bootloader'],
  },
  {
    operation: 'clean',
    from: 'manageable',
    state: 'cleaning',
    target: 'available',
    goal: 'available',
    nth: 29,
    offset: 18,
    once: ['clean.erase_devices_metadata', 'clean.erase_devices'],
  },
  {
    operation: 'rescue',
    from: 'active',
    state: 'rescuing',
    target: 'rescue',
    goal: 'rescue',
    nth: 19,
    offset: 13,
    columns: { instance_info: { ...INSTANCE, rescue_password: '******' } },
    sealedInstance: { rescue_password: 'sesame' },
    once: [],
  },
  {
    operation: 'service',
    from: 'active',
    state: 'servicing',
    target: 'active',
    goal: 'active',
    nth: 31,
    offset: 15,
    columns: { instance_info: INSTANCE },
    steps: [{ interface: 'deploy', step: 'capture', args: {} }],
    once: ['ingot.capture'],
  },
];

let rack: Rack;
beforeEach(async () => {
  rack = await openRack({ machines: 0, life: { role: 'api', host: 'api' }, conductor: AGENT_CRASH_CONFIG });
});
afterEach(() => rack.close());

const nodes = new Map<string, { uuid: string; machine: string }>();
let count = 0;

async function begin(one: Case, id: string): Promise<void> {
  const name = `k${count++}`;
  await rack.lab.add({ name });
  const uuid = await rack.insert(name, {
    provision_state: one.state,
    target_provision_state: one.target,
    operation_id: id,
    operation: one.operation,
    provision_updated_at: new Date(),
    ...one.columns,
  });
  nodes.set(id, { uuid, machine: name });
  if (one.sealedInstance !== undefined) {
    await rack.life.store.query({
      text: 'update nodes set instance_info_sealed = $2 where uuid = $1',
      values: [uuid, testSealer().seal(one.sealedInstance, secretAad(uuid, 'instance_info'))],
    });
  }
  const input: OperationInput = {
    ...{ node: uuid, requestId: 'req', userId: null, projectId: null, from: one.from },
    ...(one.steps === undefined ? {} : { steps: one.steps }),
  };
  const { name: operation, version, limit } = OPERATIONS[one.operation];
  const workflow = { name: operation, version, ...(limit === undefined ? {} : { limit }) } as Workflow<OperationInput>;
  await rack.life.store.tx((tx) => rack.life.work.enqueue(tx, workflow, input, { id, group: '' }));
}

async function verify(one: Case, ended: Ended): Promise<void> {
  const { uuid = '', machine = '' } = nodes.get(ended.id) ?? {};
  const node = await rack.life.row(uuid);
  expect(ended.state).toBe('done');
  expect(node).toMatchObject({ provision_state: one.goal, last_error: null, operation_id: null, reservation: null });
  const acts = rack.agents.acts.filter((act) => act.machine === machine);
  for (const what of one.once) {
    const starts = acts.filter((act) => act.what === what).map((act) => act.boot);
    expect(starts, `${what} in one start of the ramdisk`).toEqual([...new Set(starts)]);
    expect(starts.length).toBeGreaterThan(0);
  }
  expect(
    Object.keys(JSON.parse(node.driver_internal_info) as object).filter((key) => key.startsWith('agent_')),
  ).toEqual([]);
  // The machine was told nothing that it was in already.
  const power = rack.lab.ledger.list({ machine, kind: 'action', action: 'power.' }).map((entry) => entry.action);
  expect(power).toEqual(power.filter((action, i) => action !== power[i - 1]));
}

describe.each(CASES)('a conductor killed during $operation through an agent', (one) => {
  test(
    'is replaced by one that asks the agent and gets there',
    async () => {
      const killed = await killAtEachBoundary({
        module: fileURLToPath(new URL('./crash-scenario.ts', import.meta.url)),
        databaseUrl: rack.life.test.url,
        work: rack.life.work,
        store: rack.life.store,
        begin: (id) => begin(one, id),
        verify: (ended) => verify(one, ended),
        timeoutMs: 60_000,
        ...(ALL ? {} : { every: { nth: one.nth, offset: one.offset } }),
      });
      process.stdout.write(`${one.operation}: killed at ${killed.length} boundaries\n`);
      expect(killed.length).toBeGreaterThan(0);
    },
    ALL ? 900_000 : 240_000,
  );
});
