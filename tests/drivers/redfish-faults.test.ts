import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { redfishHardware, redfishInterfaces } from '#baremetal/drivers/redfish/hardware';
import type { HttpEffect } from '#lab/faults/effects';
import { effectsOf } from '#lab/quirks/all';
import { callOf, interfacesOf, type LabMachine, labMachine, powerActions, redfishNode } from './rack.ts';

const drivers = redfishInterfaces(systemClock);
const interfaces = interfacesOf(redfishHardware, drivers.interfaces);
const labs: LabMachine[] = [];

afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.close()));
});
afterAll(() => drivers.close());

async function open(quirk?: string, more = {}) {
  const lab = await labMachine();
  labs.push(lab);
  if (quirk !== undefined) lab.bmc.effects.on(quirk, effectsOf(quirk));
  const node = redfishNode(lab, more);
  return { lab, node, call: callOf(interfaces, node) };
}

const RESET = 'ComputerSystem\\.Reset$';

describe('a power action whose answer is lost is not sent again', () => {
  const faults: [string, HttpEffect][] = [
    ['connection cut after the work', { kind: 'reset-after' }],
    ['connection cut before the work', { kind: 'reset' }],
    ['500 after the work', { kind: 'answer-after', answer: { status: 500, messageId: 'Base.1.8.InternalError' } }],
    ['503 after the work', { kind: 'answer-after', answer: { status: 503 } }],
    ['truncated answer', { kind: 'truncate' }],
  ];
  test.each(faults)('%s', async (_name, effect) => {
    const { lab, call } = await open();
    lab.bmc.effects.on('fault', { http: [{ method: ['POST'], path: RESET, times: 1, effect }] });
    await interfaces.power.on(call).catch(() => {});
    const asked = lab.ledger.list({ kind: 'request' }).filter((one) => /Reset/.test(one.action));
    expect(asked.length).toBeLessThanOrEqual(1);
    await interfaces.power.on(call).catch(() => {});
    expect(powerActions(lab)).toEqual(['power.on']);
    expect(await interfaces.power.get(call)).toBe('power on');
  });
});

describe('quirks', () => {
  test.each([
    'dell-power-on-conflict',
    'hpe-busy-after-power-change',
    'hpe-reset-without-type',
    'dell-data-sources-unavailable',
    'several-systems',
    'ipmi-refuses-same-power',
  ])('power goes on, off and on with %s, each once', async (quirk) => {
    const { lab, call } = await open(quirk);
    await call.power.on();
    if (quirk === 'hpe-reset-without-type') {
      expect(powerActions(lab)).toEqual(['power.on']);
      return; // it cannot be switched off by a reset without a type
    }
    await call.power.off();
    await call.power.on();
    expect(powerActions(lab)).toEqual(['power.on', 'power.off', 'power.on']);
  });

  test.each([
    'supermicro-enabled-falls-back',
    'supermicro-mode-resets',
    'supermicro-no-boot-mode',
    'unchanged-enabled-refused',
    'ami-full-boot-request',
    'dell-boot-on-settings',
    'hpe-enabled-needs-target',
    'no-continuous-override',
    'hpe-no-boot-mode',
  ])('boot devices are set and read back with %s, the mode stays', async (quirk) => {
    const { call } = await open(quirk);
    const { management } = interfaces;
    const mode = await management.getBootMode(call);
    for (const persistent of [false, true, true]) {
      await management.setBootDevice(call, 'pxe', persistent);
      expect(await management.getBootDevice(call)).toEqual({ bootDevice: 'pxe', persistent });
      await management.setBootDevice(call, 'disk', persistent);
      expect(await management.getBootDevice(call)).toEqual({ bootDevice: 'disk', persistent });
    }
    expect(await management.getBootMode(call)).toBe(mode);
  });

  test('an unknown power state is not off', async () => {
    const { call } = await open('hpe-no-power-state');
    await expect(interfaces.power.get(call)).rejects.toThrow('power state');
  });
});
