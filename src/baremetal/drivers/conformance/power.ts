import { expect, test } from 'vitest';
import { lost, type Subject, untilPower } from './subject.ts';

/** Power: absolute verbs are carried out or already true, relative ones are sent once. */
export function powerConformance(name: string, open: () => Promise<Subject>): void {
  test(`${name}: power is what it was told to be, told twice or once`, async () => {
    const subject = await open();
    const node = await subject.node();
    const { power } = subject.interfaces;
    const call = subject.call(node);
    for (const want of ['power on', 'power on', 'power off', 'power off'] as const) {
      await (want === 'power on' ? power.on(call) : power.off(call));
      await untilPower(subject, call, want);
    }
    if (power.look !== undefined) {
      const { health } = (await subject.interfaces.power.look?.(call)) ?? {};
      expect(['OK', 'Warning', 'Critical', null]).toContain(health);
      expect((await power.look(call)).power).toBe('power off');
    }
    for (const verb of ['power on', 'power off', 'rebooting', 'soft power off', 'soft rebooting']) {
      expect(power.supports).toContain(verb);
    }
  });

  test(`${name}: a reboot is off and on`, async () => {
    const subject = await open();
    const node = await subject.node();
    const call = subject.call(node);
    await call.power.on();
    const before = (await subject.reached(node)).length;
    await call.power.reboot();
    await untilPower(subject, call, 'power on');
    expect((await subject.reached(node)).slice(before)).toEqual(['off', 'on']);
  });

  test(`${name}: soft off and NMI are sent once, and not to a machine that is off`, async () => {
    const subject = await open();
    const node = await subject.node();
    const call = subject.call(node);
    const { power, management } = subject.interfaces;
    await power.softOff(call);
    expect(await subject.reached(node)).toEqual([]);
    await call.power.on();
    await untilPower(subject, call, 'power on');
    await subject.booted?.(node);
    await management.injectNmi(call);
    await power.softOff(call);
    await untilPower(subject, call, 'power off');
    expect(await subject.reached(node)).toEqual(['on', 'nmi', 'soft']);
  });

  test(`${name}: reading writes nothing`, async () => {
    const subject = await open();
    const node = await subject.node();
    const call = subject.call(node, lost);
    const before = await subject.writes(node);
    const { power, management } = subject.interfaces;
    await power.get(call);
    await power.look?.(call);
    await management.getBootDevice(call);
    await management.getBootMode(call);
    await management.getSecureBoot(call);
    await management.indicators(call);
    await management.sensors(call);
    await management.health(call);
    await management.virtualMedia?.list(call);
    expect(await subject.writes(node)).toBe(before);
  });
}
