import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_CONDUCTOR_CONFIG } from '#baremetal/model/conductor-config';
import type { ProvisionState } from '#baremetal/states/names';
import { STATES } from '#baremetal/states/table';
import { OPERATIONS } from '#baremetal/workflows/all';
import type { Operation, OperationInput } from '#baremetal/workflows/operation';
import { newUuid } from '#kernel/ids';
import type { TestStore } from '#store/testing';
import type { Workflow, WorkRuntime } from '#work/contract';
import { createWork } from '#work/runtime';
import { makeTestProbe, type TestProbe } from '#work/testing/test-probe';
import { type Ended, proveWorkflow } from '#work/testing/prove';
import { openWorkStore } from '#work/testing/store';
import { makeSide } from './crash/side.ts';
import { insertNode, type NodeView } from './harness.ts';

// Every operation in every way that can go wrong inside one process: each step twice, each failing before and
// after it acted, aborted before each. Whatever happens the node ends at rest: at its goal, or failed with a reason.

interface Case {
  operation: Operation['name'];
  state: ProvisionState;
  target: string;
  goals: readonly ProvisionState[];
  input?: Partial<OperationInput>;
}

const CASES: Case[] = [
  { operation: 'verify', state: 'verifying', target: 'manageable', goals: ['manageable', 'enroll'] },
  { operation: 'inspect', state: 'inspecting', target: 'manageable', goals: ['manageable', 'inspect failed'] },
  { operation: 'clean', state: 'cleaning', target: 'available', goals: ['available', 'clean failed'] },
  { operation: 'deploy', state: 'deploying', target: 'active', goals: ['active', 'deploy failed'] },
  { operation: 'undeploy', state: 'deleting', target: 'available', goals: ['available', 'error', 'clean failed'] },
  { operation: 'rescue', state: 'rescuing', target: 'rescue', goals: ['rescue', 'rescue failed'] },
  { operation: 'unrescue', state: 'unrescuing', target: 'active', goals: ['active', 'unrescue failed'] },
  { operation: 'adopt', state: 'adopting', target: 'active', goals: ['active', 'adopt failed'] },
  {
    operation: 'service',
    state: 'servicing',
    target: 'active',
    goals: ['active', 'service failed'],
    input: { steps: [{ interface: 'deploy', step: 'burnin_cpu' }] },
  },
];

let db: TestStore;
let work: WorkRuntime;
let probe: TestProbe;
beforeEach(async () => {
  db = await openWorkStore();
  probe = makeTestProbe();
  work = createWork({ store: db.store, host: 'prover', probe });
  makeSide(db.store, work, undefined, { ...DEFAULT_CONDUCTOR_CONFIG, powerSettleMs: 100 });
  await work.start();
});
afterEach(async () => {
  await work.stop({ drainMs: 100 });
  await db.close();
});

describe.each(CASES)('$operation', (one) => {
  test('ends at rest whatever happens to it', async () => {
    const nodes = new Map<string, string>();
    const begin = async (id: string) => {
      const uuid = newUuid();
      nodes.set(id, uuid);
      await insertNode(db.store, uuid, {
        provision_state: one.state,
        target_provision_state: one.target,
        operation_id: id,
        operation: one.operation,
        provision_updated_at: new Date(),
        // One wait, so that there is more than one stretch.
        driver_info: { fake_delay_s: { 'clean.erase_devices': 1, 'deploy.deploy': 1 } },
      });
      const input: OperationInput = { node: uuid, requestId: 'r', userId: null, projectId: null, ...one.input };
      const { name, version, limit } = OPERATIONS[one.operation];
      const workflow = { name, version, ...(limit === undefined ? {} : { limit }) } as Workflow<OperationInput>;
      await db.store.tx((tx) => work.enqueue(tx, workflow, input, { id, group: '' }));
    };
    const verify = async (ended: Ended) => {
      const [node] = await db.store.query<NodeView>({
        text: 'select * from nodes where uuid = $1',
        values: [nodes.get(ended.id)],
      });
      expect(node).toMatchObject({ operation_id: null, reservation: null, owner_incarnation: null, progress: null });
      const state = node?.provision_state as ProvisionState;
      expect(one.goals).toContain(state);
      expect(['stable', 'failed']).toContain(STATES[state].kind);
      if (state !== one.goals[0]) expect(node?.last_error).toBeTruthy();
      else expect(node?.last_error).toBeNull();
      const intents = await db.store.query({
        text: 'select 1 from node_intents where node_uuid = $1',
        values: [node?.uuid],
      });
      expect(intents).toEqual([]);
    };
    const ran = await proveWorkflow({ work, store: db.store, probe, begin, verify });
    expect(ran.length).toBeGreaterThan(3);
  });
});
