import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checksum, readRequest, writeRequest, writeResponse } from './message.ts';
import { openPayload, PAYLOAD, readPacket, writePacket } from './packet.ts';
import { packetKeys, rakp2Code, rakp3Code, rakp4Code, sessionKey, SUITES } from './rakp.ts';
import { readRmcp, rmcp } from './rmcp.ts';

const bytes = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength }).map((b) => Buffer.from(b));
const u32 = fc.integer({ min: 0, max: 0xffffffff });

describe('IPMI messages', () => {
  it('are read as they were written, and their sums are zero', () => {
    fc.assert(
      fc.property(
        fc.record({
          netFn: fc.integer({ min: 0, max: 62 }).map((n) => n & ~1),
          command: fc.integer({ min: 0, max: 255 }),
          data: bytes(64),
          rsAddr: fc.constant(0x20),
          rsLun: fc.integer({ min: 0, max: 3 }),
          rqAddr: fc.constant(0x81),
          rqLun: fc.integer({ min: 0, max: 3 }),
          rqSeq: fc.integer({ min: 0, max: 63 }),
        }),
        (request) => {
          const written = writeRequest(request);
          expect(readRequest(written)).toEqual(request);
          expect(checksum(written)).toBe(0);
          expect(checksum(writeResponse(request, 0, request.data))).toBe(0);
          const spoilt = Buffer.from(written);
          spoilt[4] = (spoilt[4] ?? 0) ^ 0x01;
          expect(readRequest(spoilt)).toBeUndefined();
        },
      ),
    );
  });

  it('never throw, whatever comes in', () => {
    fc.assert(
      fc.property(bytes(300), (noise) => {
        readRequest(noise);
        const packet = readRmcp(noise);
        if (packet?.kind === 'ipmi') readPacket(packet.body);
        readPacket(noise);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('RMCP+ packets', () => {
  const suite = fc.constantFrom(...SUITES);

  it('come out as they went in, and not at all when one bit changed on the way', () => {
    fc.assert(
      fc.property(
        suite,
        bytes(32, 20),
        bytes(200),
        u32,
        u32,
        bytes(16, 16),
        fc.nat(),
        (cipher, sik, payload, sessionId, sequence, iv, flip) => {
          const keys = { suite: cipher, ...packetKeys(cipher, sik) };
          const sent = writePacket({ version: '2.0', type: PAYLOAD.ipmi, sessionId, sequence, payload }, { keys, iv });
          expect((sent.length - cipher.codeLength) % 4).toBe(0);
          const read = readPacket(sent);
          expect(read).toMatchObject({ sessionId, sequence, authenticated: true, encrypted: true });
          expect(read && openPayload(read, keys)).toEqual(payload);
          const spoilt = Buffer.from(sent);
          const at = flip % sent.length;
          spoilt[at] = (spoilt[at] ?? 0) ^ (1 << (flip % 8));
          const broken = readPacket(spoilt);
          expect(broken && openPayload(broken, keys)).toBeUndefined();
        },
      ),
    );
  });

  it('are only opened with the keys they were closed with', () => {
    fc.assert(
      fc.property(suite, bytes(32, 32), bytes(32, 32), bytes(40), (cipher, one, other, payload) => {
        fc.pre(!one.equals(other));
        const protection = { keys: { suite: cipher, ...packetKeys(cipher, one) }, iv: Buffer.alloc(16) };
        const read = readPacket(
          writePacket({ version: '2.0', type: 1, sessionId: 1, sequence: 1, payload }, protection),
        );
        expect(read && openPayload(read, { suite: cipher, ...packetKeys(cipher, other) })).toBeUndefined();
      }),
    );
  });

  it('travel in an envelope', () => {
    fc.assert(
      fc.property(bytes(100), (body) => {
        expect(readRmcp(rmcp(body))).toEqual({ kind: 'ipmi', body });
      }),
    );
  });
});

describe('RAKP', () => {
  const facts = (over: object = {}) => ({
    suite: SUITES[1] as (typeof SUITES)[number],
    consoleId: 0xa0a2a3a4,
    consoleRandom: Buffer.alloc(16, 1),
    bmcId: 0x02000200,
    bmcRandom: Buffer.alloc(16, 2),
    guid: Buffer.alloc(16, 3),
    role: 0x14,
    user: Buffer.from('admin'),
    password: Buffer.from('password'),
    kg: Buffer.alloc(0),
    ...over,
  });

  it('gives other codes for another password, name, role, random number or K_g', () => {
    const one = facts();
    const codes = (f: ReturnType<typeof facts>) =>
      [rakp2Code(f), rakp3Code(f), rakp4Code(f, sessionKey(f))].map((b) => b.toString('hex'));
    const others = [
      { password: Buffer.from('Password') },
      { user: Buffer.from('admim') },
      { role: 0x04 },
      { bmcRandom: Buffer.alloc(16, 9) },
    ];
    for (const over of others)
      for (const [i, code] of codes(facts(over)).entries()) expect(code).not.toBe(codes(one)[i]);
    expect(sessionKey(facts({ kg: Buffer.alloc(20, 7) }))).not.toEqual(sessionKey(one));
    // a K_g takes no part in the exchange before the session key
    expect(rakp2Code(facts({ kg: Buffer.alloc(20, 7) }))).toEqual(rakp2Code(one));
    expect(rakp4Code(one, sessionKey(one))).toHaveLength(16);
    expect(rakp4Code(facts({ suite: SUITES[0] }), Buffer.alloc(20))).toHaveLength(12);
  });
});
