import { expect, test } from 'vitest';
import type { DriverCall, InterfaceOf } from '../contract.ts';
import { INTERFACE_KINDS, type InterfaceKind } from '../../model/interfaces.ts';
import { managementConformance } from './management.ts';
import { peopleConformance } from './people.ts';
import { powerConformance } from './power.ts';
import { settingsConformance } from './settings.ts';
import { lost, type Subject } from './subject.ts';

export type { Guest, Reached, Subject } from './subject.ts';

/**
 * What every implementation must do, whatever it drives. Run it as `conformance('redfish', openSubject)` in a test
 * file; each promise of the contract is a test. What a machine does not have is refused with 400 and
 * UnsupportedDriverExtension; everything else must work.
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

  test(`${name}: nothing is written without the right to`, async () => {
    const subject = await open();
    const node = await subject.node();
    const { power, management, vendor } = subject.interfaces;
    const before = await subject.writes(node);
    const attempts = [
      (call: DriverCall) => power.on(call),
      (call: DriverCall) => power.off(call),
      (call: DriverCall) => power.softOff(call),
      (call: DriverCall) => management.injectNmi(call),
      (call: DriverCall) => management.setBootDevice(call, management.supportedBootDevices(node)[0] ?? 'pxe', false),
      (call: DriverCall) => management.setBootMode(call, 'bios'),
      (call: DriverCall) => management.setSecureBoot(call, true),
    ];
    const { virtualMedia } = management;
    if (virtualMedia !== undefined) {
      attempts.push((call) => virtualMedia.insert(call, 'cdrom', 'http://192.0.2.1/a.iso'));
      attempts.push((call) => virtualMedia.eject(call, []));
    }
    await power.on(subject.call(node)); // or there is nothing to switch off
    const on = await subject.writes(node);
    expect(on).toBeGreaterThan(before);
    await power.off(subject.call(node));
    const written = await subject.writes(node);
    for (const attempt of attempts) {
      await expect(attempt(subject.call(node, lost))).rejects.toMatchObject({ code: 'LeaseLost' });
    }
    // steps and methods may have nothing to write, or refuse what they were given
    for (const kind of ['bios', 'raid', 'firmware', 'vendor'] as const) {
      for (const step of (await subject.interfaces[kind].steps?.(node)) ?? []) {
        await step.run(subject.call(node, lost), {}).catch(() => {});
      }
    }
    for (const method of vendor.methods) await method.call(subject.call(node, lost), method.name, {}).catch(() => {});
    expect(await subject.writes(node)).toBe(written);
  });

  powerConformance(name, open);
  managementConformance(name, open);
  settingsConformance(name, open);
  peopleConformance(name, open);

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
