import { expect, test } from 'vitest';
import { type Subject, supported } from './subject.ts';

/** Management: what is set is what is read back; what does not exist is refused. */
export function managementConformance(name: string, open: () => Promise<Subject>): void {
  test(`${name}: a boot device that is set is read back, one that does not exist is refused`, async () => {
    const subject = await open();
    const node = await subject.node();
    const { management } = subject.interfaces;
    const call = subject.call(node);
    for (const device of ['pxe', 'disk', 'cdrom']) {
      expect(management.supportedBootDevices(node)).toContain(device);
      for (const persistent of [true, false]) {
        await management.setBootDevice(call, device, persistent);
        expect(await management.getBootDevice(call)).toMatchObject({ bootDevice: device, persistent });
      }
    }
    await expect(management.setBootDevice(call, 'toaster', false)).rejects.toMatchObject({ status: 400 });
  });

  test(`${name}: boot mode and Secure Boot are set and read back, or refused`, async () => {
    const subject = await open();
    const call = subject.call(await subject.node());
    const { management } = subject.interfaces;
    expect(['uefi', 'bios', null]).toContain(await management.getBootMode(call));
    for (const mode of ['bios', 'uefi'] as const) {
      const done = await supported(async () => {
        await management.setBootMode(call, mode);
        return true;
      });
      if (done === null) continue;
      expect(await management.getBootMode(call)).toBe(mode);
      // it stays with the boot device
      await management.setBootDevice(call, 'disk', true);
      expect(await management.getBootMode(call)).toBe(mode);
    }
    for (const on of [true, false]) {
      const done = await supported(async () => {
        await management.setSecureBoot(call, on);
        return true;
      });
      if (done === null) continue;
      // it counts from the next start on
      await call.power.reboot();
      expect(await management.getSecureBoot(call)).toBe(on);
    }
  });

  test(`${name}: indicators show what they were set to`, async () => {
    const subject = await open();
    const call = subject.call(await subject.node());
    const { management } = subject.interfaces;
    const all = Object.entries(await management.indicators(call));
    const lamps = all.flatMap(([component, list]) => list.map((lamp) => ({ component, ...lamp })));
    const settable = lamps.filter((lamp) => !lamp.readonly);
    expect(settable.length).toBeGreaterThan(0);
    for (const { component, id, states } of settable.slice(0, 2)) {
      for (const state of states) {
        await management.setIndicator(call, component, id, state);
        expect(await management.getIndicator(call, component, id)).toBe(state);
      }
      await expect(management.setIndicator(call, component, id, 'purple')).rejects.toMatchObject({ status: 400 });
      await expect(management.getIndicator(call, component, 'none')).rejects.toMatchObject({ status: 400 });
    }
    await expect(management.getIndicator(call, 'toaster', 'x')).rejects.toMatchObject({ status: 400 });
  });

  test(`${name}: sensors come by kind and name, and health in three words`, async () => {
    const subject = await open();
    const call = subject.call(await subject.node());
    await call.power.on();
    const { management } = subject.interfaces;
    const sensors = await management.sensors(call);
    for (const kind of ['Temperature', 'Fan']) {
      const named = sensors[kind] as Record<string, Record<string, unknown>>;
      expect(Object.keys(named).length).toBeGreaterThan(0);
      for (const [of, facts] of Object.entries(named)) {
        expect(of).not.toBe('');
        const readings = Object.entries(facts).filter(([key]) => /reading/i.test(key));
        expect(readings.length).toBeGreaterThan(0);
      }
    }
    expect(['OK', 'Warning', 'Critical']).toContain(await management.health(call));
  });

  test(`${name}: virtual media go in, are replaced and come out, where there are any`, async () => {
    const subject = await open();
    const call = subject.call(await subject.node());
    const media = subject.interfaces.management.virtualMedia;
    if (media === undefined) return;
    const images = async () => (await media.list(call)).filter((one) => one['inserted']).map((one) => one['image']);
    for (const url of ['http://192.0.2.1/a.iso', 'http://192.0.2.1/b.iso']) {
      await media.insert(call, 'cdrom', url);
      expect(await images()).toEqual([url]);
    }
    await media.eject(call, ['cdrom']);
    await expect.poll(images, { timeout: 5_000 }).toEqual([]);
    await media.eject(call, []); // there is nothing left to eject
  });
}
