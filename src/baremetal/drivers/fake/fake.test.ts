import { describe, expect, test } from 'vitest';
import { manualClock, systemClock } from '#kernel/clock';
import { DEFAULT_CONDUCTOR_CONFIG } from '../../model/conductor-config.ts';
import { memoryMachines } from '../../model/fake-machine.ts';
import { INTERFACE_KINDS } from '../../model/interfaces.ts';
import type { Node } from '../../model/node.ts';
import { conformance, type Reached, type Subject } from '../conformance/suite.ts';
import type { DriverCall, NodeInterfaces } from '../contract.ts';
import { fakeHardware, fakeInterfaces } from './hardware.ts';

const REACHED: Record<string, Reached> = { 'power on': 'on', 'force off': 'off', 'soft off': 'soft', nmi: 'nmi' };

let count = 0;
function fakeNode(driverInfo: Record<string, unknown> = {}): Node {
  const uuid = `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`;
  return { uuid, driver: 'fake-hardware', driverInfo, targetRaidConfig: {}, fence: 1n } as unknown as Node;
}

function subject(clock = systemClock): Subject & { actions(node: Node): string[] } {
  const machines = memoryMachines();
  const registry = fakeInterfaces(machines, DEFAULT_CONDUCTOR_CONFIG.fake, clock);
  const interfaces = Object.fromEntries(
    INTERFACE_KINDS.map((kind) => [kind, registry[kind].get(fakeHardware.supported[kind][0] ?? '')]),
  ) as unknown as NodeInterfaces;
  const call = (node: Node, may = () => {}): DriverCall => {
    const made: DriverCall = {
      node,
      saveNotes: async () => {},
      mark: () => {},
      purpose: 'clean',
      resumed: false,
      signal: new AbortController().signal,
      lease: { host: 'h', incarnation: 'i', held: true, assertHeld: may },
      interfaces,
      notes: { internal: () => {}, raidConfig: () => {}, bootMode: () => {}, secureBoot: () => {} },
      power: {
        on: () => interfaces.power.on(made),
        off: () => interfaces.power.off(made),
        async reboot() {
          await interfaces.power.off(made);
          await interfaces.power.on(made);
        },
      },
      assertMayWrite: may,
    };
    return made;
  };
  const actions = (node: Node) => machines.ledger.filter((one) => one.nodeUuid === node.uuid).map((one) => one.action);
  return {
    interfaces,
    node: async () => fakeNode(),
    call,
    writes: async (node) => actions(node).length,
    reached: async (node) => actions(node).flatMap((one) => REACHED[one] ?? []),
    powerMs: 1_000,
    bios: async () => ({ url: 'http://mirror.example/bios-2.5.0.bin', version: '2.5.0' }),
    actions,
  };
}

conformance('fake', async () => subject());

describe('delays and failures', () => {
  test('a power change takes as long as it is told, by itself', async () => {
    const clock = manualClock();
    const { interfaces, call } = subject(clock);
    const node = fakeNode({ fake_delay_s: { 'power.on': 5 } });
    await interfaces.power.on(call(node));
    expect(await interfaces.power.get(call(node))).toBe('power off');
    await clock.advance(5_000);
    expect(await interfaces.power.get(call(node))).toBe('power on');
    await interfaces.power.off(call(node));
    expect(await interfaces.power.get(call(node))).toBe('power off');
  });

  test('the most special key counts', async () => {
    const { interfaces, call } = subject();
    const node = fakeNode({ fake_fail: { power: 'all of it', 'power.off': 'only this' } });
    await expect(interfaces.power.off(call(node))).rejects.toThrow('only this');
    await expect(interfaces.power.on(call(node))).rejects.toThrow('all of it');
  });

  test('a long step waits, a short one sleeps, one that hangs waits for ever', async () => {
    const { interfaces, call } = subject();
    const run = async (driverInfo: object) => {
      const node = fakeNode(driverInfo as Record<string, unknown>);
      const steps = (await interfaces.deploy.steps?.(node)) ?? [];
      return await steps.find((step) => step.step === 'erase_devices')?.run(call(node), {});
    };
    expect(await run({})).toEqual({ kind: 'done' });
    expect(await run({ fake_delay_s: { 'clean.erase_devices': 7 } })).toEqual({
      kind: 'wait',
      for: 'time',
      resumeAfterMs: 7_000,
    });
    expect(await run({ fake_delay_s: { erase_devices: 0.01 } })).toEqual({ kind: 'done' });
    expect(await run({ fake_fail: { erase_devices: 'hang' } })).toEqual({ kind: 'wait', for: 'agent' });
    await expect(run({ fake_fail: { erase_devices: true } })).rejects.toThrow('clean.erase_devices fails');
  });
});
