import fc from 'fast-check';
import { expect, test } from 'vitest';
import { overlap, prefixKey, readAddress, readPrefix, sameAddress, within } from './prefix.ts';

test('addresses are read as numbers, and only addresses', () => {
  expect(readAddress('10.0.0.1')).toEqual({ version: 4, value: 0x0a000001n });
  expect(readAddress('::1')).toEqual({ version: 6, value: 1n });
  expect(readAddress('fd00::10.0.0.1')).toEqual({ version: 6, value: (0xfd00n << 112n) + 0x0a000001n });
  for (const text of ['', '10.0.0', '10.0.0.256', '10.0.0.1/24', 'fe80::1%eth0', '1:2:3', 'x'])
    expect(readAddress(text), text).toBeUndefined();
});

test('every IPv6 address has one number, however it is written', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const value = readAddress(text)?.value ?? -1n;
      const long = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
      expect(sameAddress(text, long.join(':'))).toBe(true);
    }),
  );
});

test('prefixes hold what lies in them', () => {
  expect(within('10.0.0.255', '10.0.0.0/24')).toBe(true);
  expect(within('10.0.1.0', '10.0.0.0/24')).toBe(false);
  expect(within('10.0.0.1', '::/0')).toBe(false);
  expect(within('fd00::1', 'fd00::/64')).toBe(true);
  expect(overlap('10.0.0.0/24', '10.0.0.128/25')).toBe(true);
  expect(overlap('10.0.0.0/25', '10.0.0.128/25')).toBe(false);
  expect(overlap('0.0.0.0/0', '::/0')).toBe(false);
  expect(prefixKey('10.0.0.7/24')).toBe(prefixKey('10.0.0.0/24'));
  for (const text of ['10.0.0.0/33', '10.0.0.0/x', '::/129', '10.0.0.0/8/8']) expect(readPrefix(text)).toBeUndefined();
});
