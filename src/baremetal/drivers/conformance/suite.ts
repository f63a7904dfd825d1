import { expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { errors as workErrors } from '#work/errors';
import type { DriverCall, InterfaceOf, NodeInterfaces } from '../contract.ts';
import { INTERFACE_KINDS, type InterfaceKind } from '../../model/interfaces.ts';
import type { Node } from '../../model/node.ts';

/** One implementation of every kind, on a machine that is there, and what the suite needs to know of it. */
export interface Subject {
  interfaces: NodeInterfaces;
  /** A node whose settings are right. Gives a fresh machine, powered off. */
  node(): Promise<Node>;
  /** A call with the right to write; `may` stands in for the lease. */
  call(node: Node, may?: () => void): DriverCall;
  /** Writes the machine has had so far. */
  writes(node: Node): Promise<number>;
  /** Milliseconds a power change may take. */
  powerMs: number;
}

const lost = () => {
  throw workErrors.LeaseLost('the test took it away');
};

/**
 * What every implementation must do, whatever it drives. Run it as `conformance('redfish', openSubject)` in a test
 * file; each promise of the contract is a test.
 */
export function conformance(name: string, open: () => Promise<Subject>): void {
  test(`${name}: names, properties and steps are well formed`, async () => {
    const subject = await open();
    const node = await subject.node();
    for (const kind of INTERFACE_KINDS) {
      const one: InterfaceOf[InterfaceKind] = subject.interfaces[kind];
      expect(one.name).toMatch(/^[a-z0-9-]+$/);
      for (const text of Object.values(one.properties)) expect(text).toMatch(/\.$/);
      const seen = new Set<string>();
      for (const step of (await one.steps?.(node)) ?? []) {
        expect(step.interface).toBe(kind);
        expect(step.step).toMatch(/^[a-z][a-z0-9_]*$/);
        expect(step.kinds.length).toBeGreaterThan(0);
        expect(Number.isInteger(step.priority) && step.priority >= 0).toBe(true);
        expect(seen.has(step.step)).toBe(false);
        seen.add(step.step);
      }
    }
  });

  test(`${name}: validating touches nothing`, async () => {
    const subject = await open();
    const node = await subject.node();
    const before = await subject.writes(node);
    for (const kind of INTERFACE_KINDS) {
      await (async () => subject.interfaces[kind].validate(node))().catch(() => {}); // some throw, some reject
    }
    expect(await subject.writes(node)).toBe(before);
  });

  test(`${name}: power is what it was told to be, told twice or once`, async () => {
    const subject = await open();
    const node = await subject.node();
    const { power } = subject.interfaces;
    const call = subject.call(node);
    const until = async (want: string) => {
      const deadline = systemClock.monotonic() + subject.powerMs;
      while ((await power.get(call)) !== want) {
        if (systemClock.monotonic() > deadline) throw new Error(`not ${want} within ${subject.powerMs} ms`);
      }
    };
    await power.on(call);
    await until('power on');
    await power.on(call);
    await until('power on');
    await power.off(call);
    await until('power off');
    await power.off(call);
    await until('power off');
  });

  test(`${name}: reading writes nothing`, async () => {
    const subject = await open();
    const node = await subject.node();
    const call = subject.call(node, lost);
    const before = await subject.writes(node);
    await subject.interfaces.power.get(call);
    await subject.interfaces.management.getBootDevice(call);
    await subject.interfaces.management.sensors(call);
    await subject.interfaces.management.health(call);
    expect(await subject.writes(node)).toBe(before);
  });

  test(`${name}: nothing is written without the right to`, async () => {
    const subject = await open();
    const node = await subject.node();
    const { power, management } = subject.interfaces;
    const before = await subject.writes(node);
    const attempts = [
      (call: DriverCall) => power.on(call),
      (call: DriverCall) => power.off(call),
      (call: DriverCall) => power.softOff(call),
      (call: DriverCall) => management.injectNmi(call),
      (call: DriverCall) => management.setBootDevice(call, management.supportedBootDevices(node)[0] ?? 'pxe', false),
      (call: DriverCall) => management.setBootMode(call, 'bios'),
    ];
    for (const attempt of attempts) {
      await expect(attempt(subject.call(node, lost))).rejects.toMatchObject({ code: 'LeaseLost' });
    }
    expect(await subject.writes(node)).toBe(before);
  });

  test(`${name}: a boot device that is set is read back, one that does not exist is refused`, async () => {
    const subject = await open();
    const node = await subject.node();
    const { management } = subject.interfaces;
    const call = subject.call(node);
    const [device = 'pxe'] = management.supportedBootDevices(node);
    await management.setBootDevice(call, device, true);
    expect(await management.getBootDevice(call)).toMatchObject({ bootDevice: device, persistent: true });
    await expect(management.setBootDevice(call, 'toaster', false)).rejects.toMatchObject({ status: 400 });
  });

  test(`${name}: the frame of a clean and of a deploy may run twice`, async () => {
    const subject = await open();
    const node = await subject.node();
    const { deploy } = subject.interfaces;
    for (let life = 0; life < 2; life++) {
      const call = subject.call(node);
      await deploy.prepareCleaning(call);
      await deploy.tearDownCleaning(call);
      await deploy.prepare(call);
      await deploy.cleanUp(call);
      await deploy.tearDown(call);
    }
    expect(await subject.interfaces.power.get(subject.call(node))).toBe('power off');
  });
}
