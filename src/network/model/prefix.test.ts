import { expect, test } from 'vitest';
import { overlap, prefixKey, readDestination, sameAddress, within } from './prefix.ts';

test('prefixes hold what lies in them', () => {
  expect(within('10.0.0.255', '10.0.0.0/24')).toBe(true);
  expect(within('10.0.1.0', '10.0.0.0/24')).toBe(false);
  expect(within('10.0.0.1', '::/0')).toBe(false);
  expect(within('fd00::1', 'fd00::/64')).toBe(true);
  expect(within('x', '10.0.0.0/24') || within('10.0.0.1', 'x')).toBe(false);
  expect(overlap('10.0.0.0/24', '10.0.0.128/25')).toBe(true);
  expect(overlap('10.0.0.0/25', '10.0.0.128/25')).toBe(false);
  expect(overlap('0.0.0.0/0', '::/0')).toBe(false);
});

test('one thing has one name, however it is written', () => {
  expect(prefixKey('10.0.0.7/24')).toBe(prefixKey('10.0.0.0/24'));
  expect(prefixKey('10.0.0.7')).toBe(prefixKey('10.0.0.7/32'));
  expect(sameAddress('fd00::1', 'fd00:0:0::0.0.0.1')).toBe(true);
  expect(sameAddress('fd00::1', '0.0.0.1')).toBe(false);
  expect(readDestination('10.0.0.0/33')).toBeUndefined();
});
