import { expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { serialParts } from './serial-parts.ts';
import type { Subject } from './subject.ts';

/** What people reach through a driver: the console and vendor methods. */
export function peopleConformance(name: string, open: () => Promise<Subject>): void {
  test(`${name}: the console is switched on and off, and its line speaks both ways, once at a time`, async () => {
    const subject = await open();
    const node = await subject.node();
    const call = subject.call(node);
    const { console } = subject.interfaces;
    expect(console.enabled).toBe(true);
    await console.validate(node);
    for (const now of ['start', 'start', 'stop', 'stop'] as const) await console[now](call);
    expect(console.info(node)).toEqual({ type: expect.any(String), url: expect.any(String) });
    const guest = subject.guest?.(node);
    expect(guest === undefined).toBe(console.serial === undefined);
    if (guest === undefined || console.serial === undefined) return;
    for (let time = 0; time < 2; time++) {
      const parts = serialParts(new AbortController().signal);
      const line = await console.serial(node, parts);
      expect(line.via).not.toBe('');
      guest.says(`words ${time}\r\n`);
      await expect.poll(parts.said, { timeout: 20_000, interval: 20 }).toContain(`words ${time}`);
      await line.write(Buffer.from(`keys ${time}\r`));
      await expect.poll(() => guest.heard(), { timeout: 20_000, interval: 20 }).toContain(`keys ${time}\r`);
      line.close();
      await Promise.race([line.closed, systemClock.sleep(10_000).then(() => Promise.reject(new Error('still open')))]);
    }
    // who gives up gets none
    const gone = AbortSignal.abort(new Error('given up'));
    await expect(console.serial(node, serialParts(gone))).rejects.toThrow();
  });

  test(`${name}: vendor methods say what they are, and refuse nonsense with 400`, async () => {
    const subject = await open();
    const node = await subject.node();
    const call = subject.call(node);
    const { methods } = subject.interfaces.vendor;
    expect(methods.length).toBeGreaterThan(0);
    expect(new Set(methods.map((one) => one.name)).size).toBe(methods.length);
    for (const method of methods) {
      expect(method.name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(method.description).not.toBe('');
      for (const verb of method.httpMethods) expect(['GET', 'POST', 'PUT', 'DELETE']).toContain(verb);
    }
    // of all kinds of input at least what lacks a parameter is told so, and nothing makes it fail otherwise
    for (const method of methods) {
      if (/reset/.test(method.name)) continue; // it takes nothing
      for (const input of [{}, { bar: 5, id: {}, raw_bytes: ['x'], boot_device: 7, Destination: 1 }]) {
        const status = await method.call(call, method.name, input).then(
          () => 200,
          (error: { status?: number }) => error.status,
        );
        expect([200, 400, 404]).toContain(status);
      }
    }
  });
}
