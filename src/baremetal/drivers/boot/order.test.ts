import { describe, expect, it } from 'vitest';
import type { BootMethod } from '#contracts/boot';
import type { Document } from '../../model/node.ts';
import { afterBoot, nextPath, NOTE, openNote, tried } from './order.ts';

const ALL: readonly BootMethod[] = ['virtual-media', 'uefi-http', 'ipxe', 'pxe'];
const node = (note?: Document) => ({ driverInternalInfo: note === undefined ? {} : { [NOTE]: note } });

describe('the order of ways to boot', () => {
  it('puts a way that did not bring the machine up behind the others, until one does', () => {
    let note: Document | undefined;
    const chosen: BootMethod[] = [];
    for (let boot = 0; boot < 5; boot++) {
      const reasons: Record<string, string> = {};
      const [method] = nextPath(node(note), ALL, reasons);
      chosen.push(method as BootMethod);
      expect(Object.keys(reasons)).toHaveLength(boot === 0 ? 0 : Math.min(boot, 4));
      note = openNote(node(note), method as BootMethod, reasons, 0);
      expect(tried(node(note))).toBe(method);
      note = afterBoot(node(note), false);
      expect(tried(node(note))).toBeNull();
    }
    expect(chosen).toEqual(['virtual-media', 'uefi-http', 'ipxe', 'pxe', 'virtual-media']);
    expect(afterBoot(node(openNote(node(note), 'pxe', {}, 0)), true)).toBeUndefined();
  });

  it('offers only what this deployment can serve', () => {
    expect(nextPath(node({ failed: ['ipxe', 'nonsense'] }), ['ipxe', 'pxe'], {})).toEqual(['pxe', 'ipxe']);
    expect(nextPath(node(), [], {})).toEqual([]);
  });
});
