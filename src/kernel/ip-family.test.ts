import { expect, it } from 'vitest';
import { ipFamily } from './ip-family.ts';

it('knows addresses, and takes none with a zone', () => {
  expect(ipFamily('192.0.2.1')).toBe(4);
  expect(ipFamily('2001:db8::1')).toBe(6);
  expect(ipFamily('fe80::1%eth0')).toBe(0);
  expect(ipFamily('fe80::1%')).toBe(0);
  expect(ipFamily('host')).toBe(0);
  expect(ipFamily('')).toBe(0);
});
