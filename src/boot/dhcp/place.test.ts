import type { NetworkInterfaceInfo } from 'node:os';
import { expect, it } from 'vitest';
import { ownAddress6 } from './place.ts';

const mac = 'fe:8d:0a:54:7d:bb';
const at = (address: string, family: 'IPv4' | 'IPv6' = 'IPv6') =>
  ({ address, family, mac, netmask: '', cidr: null, internal: false, scopeid: 0 }) as NetworkInterfaceInfo;

it('is known by the IPv6 address it was given, whatever it made of its MAC since', () => {
  const made = at('fd00:9::fc8d:aff:fe54:7dbb');
  const link = at('fe80::fc8d:aff:fe54:7dbb');
  expect(ownAddress6([at('10.9.0.1', 'IPv4'), made, at('fd00:9::1'), link])?.address).toBe('fd00:9::1');
  expect(ownAddress6([made, link])).toBe(made);
  expect(ownAddress6([at('10.9.0.1', 'IPv4'), link])).toBeUndefined();
});
