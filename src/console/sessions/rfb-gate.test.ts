import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RfbGate } from './rfb-gate.ts';

const HANDSHAKE = Buffer.concat([Buffer.from('RFB 003.008\n'), Buffer.from([1, 1])]);
const KEY = Buffer.from([4, 1, 0, 0, 0, 0, 0, 0x61]);
const POINTER = Buffer.from([5, 1, 0, 10, 0, 10]);
const CUT = Buffer.concat([Buffer.from([6, 0, 0, 0, 0, 0, 0, 3]), Buffer.from('abc')]);
const UPDATE = Buffer.from([3, 1, 0, 0, 0, 0, 4, 0, 3, 0]);
const ENCODINGS = Buffer.from([2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7]);
const QEMU_KEY = Buffer.from([255, 0, 0, 1, 0, 0, 0, 0x61, 0, 0, 0, 30]);

describe('what an RFB client sends', () => {
  it('goes through whole for who writes, without acts for who reads, however it is cut', () => {
    const message = fc.constantFrom(KEY, POINTER, CUT, UPDATE, ENCODINGS, QEMU_KEY);
    fc.assert(
      fc.property(fc.array(message), fc.integer({ min: 1, max: 40 }), fc.boolean(), (messages, size, mayAct) => {
        const all = Buffer.concat([HANDSHAKE, ...messages]);
        const gate = new RfbGate();
        const out: Buffer[] = [];
        for (let at = 0; at < all.length; at += size) {
          const passed = gate.pass(all.subarray(at, at + size), () => mayAct);
          expect(passed).not.toBeNull();
          if (passed !== null) out.push(Buffer.from(passed));
        }
        const kept = mayAct ? messages : messages.filter((one) => one === UPDATE || one === ENCODINGS);
        expect(Buffer.concat(out)).toEqual(Buffer.concat([HANDSHAKE, ...kept]));
      }),
    );
  });

  it('ends at what is no RFB', () => {
    expect(new RfbGate().pass(Buffer.concat([HANDSHAKE, Buffer.from([99, 0, 0])]), () => true)).toBeNull();
    const huge = Buffer.from([6, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]);
    expect(new RfbGate().pass(Buffer.concat([HANDSHAKE, huge]), () => true)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (parts) => {
        const gate = new RfbGate();
        for (const part of parts) if (gate.pass(Buffer.from(part), () => false) === null) return;
      }),
    );
  });
});
