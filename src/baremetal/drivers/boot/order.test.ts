import { describe, expect, it } from 'vitest';
import type { BootMethod } from '#contracts/boot';
import type { Document } from '../../model/node.ts';
import {
  afterBoot,
  givenUp,
  nextPath,
  NOTE,
  openNote,
  orderFor,
  othersOf,
  tried,
  triedWays,
  unknownMethods,
} from './order.ts';

const ALL: readonly BootMethod[] = ['virtual-media', 'uefi-http', 'ipxe', 'pxe'];
const DAY = 24 * 3_600_000;
const node = (note?: Document, operationId = 'op', driverInfo: Document = {}) => ({
  operationId,
  driverInfo,
  driverInternalInfo: note === undefined ? {} : { [NOTE]: note },
});

describe('the order of ways to boot', () => {
  it('puts a way that did not bring the machine up behind the others, until it does or a day has passed', () => {
    let note: Document | undefined;
    const chosen: BootMethod[] = [];
    for (let boot = 0; boot < 6; boot++) {
      const reasons: Record<string, string> = {};
      const at = node(note, `op-${boot}`);
      const [method] = nextPath(at, ALL, reasons, boot);
      chosen.push(method as BootMethod);
      expect(Object.keys(reasons)).toHaveLength(Math.min(boot, 4));
      note = openNote(at, method as BootMethod, reasons, boot);
      expect(tried(node(note))).toBe(method);
      note = afterBoot(node(note, `op-${boot}`), false, boot);
      expect(tried(node(note))).toBeNull();
    }
    expect(chosen).toEqual(['virtual-media', 'uefi-http', 'ipxe', 'pxe', 'virtual-media', 'uefi-http']);
    const worked = afterBoot(node(openNote(node(note), 'pxe', {}, 10)), true, 10);
    expect(nextPath(node(worked, 'op-9'), ALL, {}, 11)[0]).toBe('pxe');
    expect(nextPath(node(worked, 'op-9'), ALL, {}, 11 + DAY)).toEqual(ALL);
    // Closed, and still to be told of.
    const told = afterBoot(node(openNote(node(), 'pxe', {}, 3)), true, 9);
    expect(told).toMatchObject({ method: null, booted: 'pxe', at: 3, failed: [] });
    expect(tried(node(told))).toBeNull();
    expect(afterBoot(node(), true, 0)).toBeUndefined();
  });

  it('tries no way twice in one operation, and says what became of each', () => {
    let at = node();
    const ways: BootMethod[] = [];
    for (;;) {
      const left = nextPath(at, ALL, {}, 0);
      const [method] = left;
      if (method === undefined) break;
      ways.push(method);
      at = node(openNote(at, method, {}, 1_000, left.slice(1)));
      expect(othersOf(at)).toHaveLength(ALL.length - ways.length);
      at = node(givenUp(at, 61_000, `nothing came by ${method}`));
    }
    expect(ways).toEqual(ALL);
    expect(triedWays(at).map(({ method, seconds }) => [method, seconds])).toEqual(ALL.map((one) => [one, 60]));
    const reasons: Record<string, string> = {};
    expect(nextPath(node(at.driverInternalInfo[NOTE] as Document, 'another'), ALL, reasons, 70_000)).toEqual(ALL);
    nextPath(at, ALL, reasons, 70_000);
    expect(reasons['ipxe']).toContain('nothing came by ipxe');
  });

  it('offers only what this deployment can serve, in the order the node asks for', () => {
    expect(nextPath(node({ failed: ['ipxe', 'nonsense'] }), ['ipxe', 'pxe'], {}, 0)).toEqual(['pxe', 'ipxe']);
    expect(nextPath(node(), [], {}, 0)).toEqual([]);
    const own = (boot_methods: unknown) => node(undefined, 'op', { boot_methods });
    expect(orderFor(own('ipxe, virtual-media'), ALL)).toEqual(['ipxe', 'virtual-media']);
    expect(orderFor(own(['pxe', 'pxe', 'uefi-http']), ['pxe'])).toEqual(['pxe']);
    expect(orderFor(own(''), ALL)).toEqual(ALL);
    expect(unknownMethods(own('ipxe,floppy'))).toEqual(['floppy']);
  });
});
