import { describe, expect, it } from 'vitest';
import type { NetworkAnswers } from '#operate/probe/ask';
import { askedFindings, type SeenSubnet } from './asked.ts';

const network = (dhcp: string[] = ['ovn']) => ({
  id: 'red',
  name: 'red',
  mtu: 1500,
  physical_network: 'rack1',
  vlan: 200,
  machines: 1,
  dhcp,
  hosts: 1,
});
const SUBNET: SeenSubnet = {
  id: 's4',
  network_id: 'red',
  ip_version: 4,
  cidr: '10.0.0.0/24',
  gateway_ip: '10.0.0.1',
  enable_dhcp: true,
};
const SUBNET6: SeenSubnet = {
  ...SUBNET,
  id: 's6',
  ip_version: 6,
  cidr: 'fd00::/64',
  ipv6_address_mode: 'dhcpv6-stateful',
};
const offer = (server: string, mtu: number | null = 1500) => ({
  server,
  address: '10.0.0.9',
  mask: '255.255.255.0',
  router: null,
  mtu,
});
const NOBODY = { offers: [], advertisements: [] };
const OFFERED = { offers: [offer('10.0.0.1')], advertisements: [] };
const WHOLE = { target: '10.0.0.1', passes: 1500 };
const said = (answers: Partial<NetworkAnswers> | string, subnets = [SUBNET], dhcp = ['ovn']) => {
  const all = typeof answers === 'string' ? answers : { port: OFFERED, wire: NOBODY, frames: WHOLE, ...answers };
  return askedFindings([{ network: network(dhcp), subnets, answers: all }]).map(
    ({ what, state, seen }) => `${what} ${state}: ${seen}`,
  );
};

describe('what networks answered', () => {
  it('is good where one server offers, and packets come back whole', () => {
    expect(said({})).toEqual([
      'dhcp good: asked, and 10.0.0.1 (offers 10.0.0.9) answered',
      'mtu good: packets of 1500 bytes, not to be cut, come back from 10.0.0.1',
    ]);
  });

  it('is bad where nobody answers, or somebody else', () => {
    expect(said({ port: NOBODY })[0]).toBe('dhcp bad: asked, and nobody answered');
    expect(said({ wire: { offers: [offer('10.0.0.66')], advertisements: [] } })[0]).toBe(
      'dhcp bad: 2 servers answer: 10.0.0.1 (offers 10.0.0.9) and 10.0.0.66 (offers 10.0.0.9)',
    );
    expect(said({ port: NOBODY, wire: OFFERED })[0]).toContain('OVN does not answer, and 10.0.0.1');
    expect(said({}, [{ ...SUBNET, enable_dhcp: false }])[0]).toContain('dhcp bad: nobody is to answer');
  });

  it('says no more of dnsmasq than a stranger can know', () => {
    expect(said({ port: NOBODY }, [SUBNET], ['dnsmasq'])[0]).toContain('dhcp absent: nobody answers a stranger');
    expect(said({}, [SUBNET], ['dnsmasq'])[0]).toBe('dhcp good: 10.0.0.1 (offers 10.0.0.9) answers');
  });

  it('asks by IPv6 as well', () => {
    const advertisements = [{ server: 'aa', address: 'fd00::9' }];
    expect(said({}, [SUBNET, SUBNET6])[1]).toBe('dhcp bad: asked by IPv6, and nobody answered');
    expect(said({ port: { ...OFFERED, advertisements } }, [SUBNET, SUBNET6])[1]).toBe(
      'dhcp good: asked by IPv6, and aa answered with fd00::9',
    );
    const two = { ...OFFERED, advertisements: [...advertisements, { server: 'bb', address: null }] };
    expect(said({ port: two }, [SUBNET, SUBNET6])[1]).toBe('dhcp bad: 2 servers answer DHCPv6: aa and bb');
  });

  it('tells how much of a packet passes, and what it could not try', () => {
    expect(said({ frames: { target: '10.0.0.1', passes: 1450 } })[1]).toBe(
      'mtu bad: its packets have 1500 bytes, and none above 1450 comes back from 10.0.0.1',
    );
    expect(said({ port: { offers: [offer('10.0.0.1', 9000)], advertisements: [] } })).toContain(
      'mtu bad: DHCP says packets have 9000 bytes, its record 1500',
    );
    expect(said({ frames: { target: null, passes: null } })[1]).toContain('mtu absent: nobody on it answers ping');
    expect(said({ frames: null })[1]).toContain('mtu absent: there is no ping');
  });

  it('says once why it asked nobody', () => {
    const two = [network(), { ...network(), id: 'blue', name: 'blue' }].map((one) => ({
      network: one,
      subnets: [],
      answers: 'this host has no Open vSwitch',
    }));
    const [all, ...more] = askedFindings(two);
    expect(all).toMatchObject({ state: 'absent', about: '2 networks', seen: `could not be asked: ${two[0]?.answers}` });
    expect(more).toEqual([]);
    expect(askedFindings(two.slice(1))[0]?.about).toBe('network blue');
  });
});
