import type { Clock } from '#kernel/clock';
import type { DriverCall } from '../contract.ts';
import type { FakeFaults } from './faults.ts';
import type { FakeMachine, FakeMachines } from '../../model/fake-machine.ts';

/** What all fakes share. */
export interface FakeContext {
  machines: FakeMachines;
  faults: FakeFaults;
  clock: Clock;
}

/** One write to a fake machine, told to its ledger, under the caller's right to write. */
export function act(
  context: FakeContext,
  call: DriverCall,
  action: string,
  patch: Partial<FakeMachine>,
  detail: Record<string, unknown> = {},
): Promise<void> {
  const said = { action, detail, incarnation: call.lease.incarnation, fence: call.node.fence };
  return context.machines.write(call.node.uuid, patch, said, () => call.assertMayWrite());
}

/** The machine as it is now: a power change whose time has come has happened. */
export async function look(context: FakeContext, call: DriverCall): Promise<FakeMachine> {
  const machine = await context.machines.read(call.node.uuid);
  if (machine.becoming !== null && context.clock.now() >= machine.becoming.at) {
    return { ...machine, power: machine.becoming.power, becoming: null };
  }
  return machine;
}
