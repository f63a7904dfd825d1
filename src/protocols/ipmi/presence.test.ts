import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataOf, sessionless, suitesOf } from './presence.ts';

test('Get Channel Authentication Capabilities is written as the standard has it', () => {
  // the bytes ipmitool sends first (IPMI 2.0, 13.6 and 22.13)
  expect(sessionless(0x38, [0x8e, 0x04]).toString('hex')).toBe('0600ff07000000000000000000092018c88100388e04b5');
});

test('reads suites out of records, OEM ones too', () => {
  expect(suitesOf([0xc0, 3, 1, 0x41, 0x81, 0xc0, 17, 3, 0x44, 0x81])).toEqual([3, 17]);
  expect(suitesOf([0xc1, 0x80, 1, 2, 3, 1, 0x41, 0xc0, 17])).toEqual([0x80, 17]);
  expect(suitesOf([])).toEqual([]);
});

test('takes any datagram', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      dataOf(Buffer.from(bytes), 0x54);
      suitesOf([...bytes]);
    }),
  );
});
