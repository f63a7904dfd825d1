import { describe, expect, it } from 'vitest';
import type { BootMethod } from '#contracts/boot';
import { defaultRange6, type DhcpWish, dnsmasqConfig, nodeFiles, type Place } from './dhcp.ts';
import { possible } from './methods.ts';
import type { Offer } from './offer.ts';

const place: Place = {
  interface: 'eth1',
  address: '10.9.0.1',
  prefix: 24,
  address6: 'fd00::1',
  prefix6: 64,
  httpPort: 80,
};

const offer = (secureBoot: boolean): Offer => ({
  nodeUuid: '0b2f6c9e-4a39-4a57-9d6a-3f7f5d0a1c11',
  nonce: 'nonce',
  request: {
    node: {
      uuid: '0b2f6c9e-4a39-4a57-9d6a-3f7f5d0a1c11',
      macs: ['52:54:00:00:00:01', '52:54:00:00:00:02'],
      bootMode: 'uefi',
      secureBoot,
      cpuArch: 'x86_64',
    },
    payload: { kind: 'ramdisk', kernelUrl: 'http://x/k', initrdUrl: 'http://x/i', parameters: [] } as never,
  },
  createdAt: 0,
  expiresAt: null,
});

/** The tags an option goes to, and its name: dnsmasq sends one of each. */
const keyOf = (line: string) => line.split(',').slice(0, -1).join(',');

describe("a node's DHCP options", () => {
  it.each<[BootMethod | null, boolean, boolean]>([
    ['ipxe', true, false],
    ['pxe', true, true],
    ['httpboot' as BootMethod, true, true],
    ['ipxe', false, false],
    [null, true, false],
  ])('by %s, IPv6 too: %s, Secure Boot: %s: each is there once, in its own family only', (method, ip6, secureBoot) => {
    const lines = nodeFiles(place, offer(secureBoot), method, ip6).options.trim().split('\n');
    expect(new Set(lines.map(keyOf)).size).toBe(lines.length);
    const six = lines.filter((line) => line.includes('option6:'));
    expect(six).toHaveLength(ip6 ? lines.length / 2 : 0);
    for (const line of lines) expect(line.includes('[fd00::1]')).toBe(six.includes(line));
  });

  it('are the same for a network of one family, whether or not IPv6 is wished for', () => {
    const four = { ...place, address6: null };
    expect(nodeFiles(four, offer(false), 'ipxe', true)).toEqual(nodeFiles(four, offer(false), 'ipxe', false));
  });
});

it('tells a network of both families each of its options once', () => {
  const wish: DhcpWish = {
    mode: 'on',
    range: { first: '10.9.0.10', last: '10.9.0.99', netmask: '255.255.255.0' },
    range6: { first: 'fd00::10', last: 'fd00::99' },
    leaseS: 600,
    routers: ['10.9.0.1'],
    nameservers: ['10.9.0.1', 'fd00::1'],
    discovery: true,
    hosts: '/h',
    options: '/o',
    tftp: '/t',
    leases: '/l',
    user: null,
  };
  const lines = dnsmasqConfig(place, wish)
    .split('\n')
    .filter((line) => line.startsWith('dhcp-option'));
  expect(lines).toContain('dhcp-option=option:dns-server,10.9.0.1');
  const names = lines.map(keyOf);
  expect(new Set(names).size).toBe(lines.length);
});

it('hands out IPv6 addresses of the upper half of the network, or of 64 bits of a larger one', () => {
  expect(defaultRange6({ ...place, address6: 'fd00:9::1', prefix6: 64 })).toEqual({
    first: 'fd00:9:0:0:8000:0:0:0',
    last: 'fd00:9:0:0:ffff:ffff:ffff:fffe',
  });
  expect(defaultRange6({ ...place, address6: '2001:db8::12:3401', prefix6: 120 })).toEqual({
    first: '2001:db8:0:0:0:0:12:3480',
    last: '2001:db8:0:0:0:0:12:34fe',
  });
  expect(defaultRange6({ ...place, address6: 'fd00:1:2:3:4:5:6:7', prefix6: 48 }).first).toBe('fd00:1:2:3:8000:0:0:0');
});

it('beside another server answers PXE clients, each at once with iPXE, and names itself to iPXE', () => {
  const wish: DhcpWish = {
    mode: 'proxy',
    range: { first: '10.9.0.10', last: '10.9.0.99', netmask: '255.255.255.0' },
    range6: { first: 'fd00::10', last: 'fd00::99' },
    leaseS: 60,
    routers: [],
    nameservers: [],
    discovery: false,
    hosts: '/h',
    options: '/o',
    tftp: '/t',
    leases: '/l',
    user: null,
  };
  const lines = dnsmasqConfig(place, wish).split('\n');
  expect(lines).toContain('dhcp-range=10.9.0.0,proxy');
  expect(lines.filter((line) => line.startsWith('pxe-service='))).toEqual(['pxe-service=tag:nobody,x86PC,"none",0']);
  expect(lines).toContain('dhcp-boot=tag:ipxe,http://10.9.0.1/boot.ipxe,,10.9.0.1');
  const host = { dhcp: 'proxy' as const, media: null };
  expect(possible(['ipxe', 'pxe'], host)).toMatchObject({
    available: ['ipxe'],
    unavailable: { pxe: expect.stringContaining('beside') },
  });
});
