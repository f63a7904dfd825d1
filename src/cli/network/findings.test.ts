import { describe, expect, it } from 'vitest';
import { findingsOf, type MachineLinks, type RecordedPort } from './findings.ts';

const NODE = { uuid: 'n1', name: 'rack1-1', network_interface: 'neutron' };
const MAC = '52:54:00:aa:00:01';
const SWITCH = '52:54:00:00:00:01';
const port = (link: RecordedPort['local_link_connection']): RecordedPort => ({
  node_uuid: 'n1',
  address: MAC,
  pxe_enabled: true,
  physical_network: 'rack1',
  local_link_connection: link,
});
const heard = (more = {}) => ({
  machine_id: 'n1',
  mac_address: MAC,
  nic: 'eth0',
  switch_id: SWITCH,
  port_id: 'Ethernet1/5',
  switch_info: 'tor1',
  vlan: null,
  frame_size: null,
  ...more,
});
const link = (more = {}) => ({
  machine_id: 'n1',
  switch_id: SWITCH,
  port_id: 'Eth1/5',
  switch_info: 'tor1',
  switch: 'tor1',
  state: 'applied',
  found: 'access 200',
  error: null,
  differences: [],
  ports: [{ id: 'p', network_id: 'red', purpose: null, status: 'ACTIVE' }],
  ...more,
});
const network = (more = {}) => ({
  id: 'red',
  name: 'red',
  mtu: 1500,
  physical_network: 'rack1',
  vlan: 200,
  machines: 1,
  dhcp: ['ovn'],
  hosts: 1,
  ...more,
});
const seen = (more: Partial<MachineLinks> = {}): MachineLinks => ({
  machine_links: [],
  neighbours: [],
  networks: [],
  ...more,
});
const bad = (...args: Parameters<typeof findingsOf>) => findingsOf(...args).filter(({ state }) => state === 'bad');

describe('the doctor of networks', () => {
  it('is content where records and cables agree, however the port is written', () => {
    const all = findingsOf(
      [NODE],
      [port({ switch_id: SWITCH, port_id: 'Eth1/5' })],
      seen({ neighbours: [heard({ frame_size: 1522 })], machine_links: [link()], networks: [network()] }),
    );
    expect(all.map(({ what, state }) => [what, state])).toEqual([
      ['cabling', 'good'],
      ['switch', 'good'],
      ['dhcp', 'good'],
    ]);
  });

  it('says where a cable really ends', () => {
    const [one] = bad([NODE], [port({ switch_id: SWITCH, port_id: 'Ethernet1/6' })], seen({ neighbours: [heard()] }));
    expect(one).toMatchObject({ what: 'cabling', about: `rack1-1, ${MAC}` });
    expect(one?.seen).toContain('LLDP says tor1 port Ethernet1/5');
  });

  it('asks for records only where switches are moved', () => {
    expect(bad([NODE], [port({})], seen())[0]?.seen).toBe('nobody knows where its cable ends');
    expect(bad([NODE], [port({})], seen({ neighbours: [heard()] }))[0]?.seen).toContain('LLDP says');
    expect(bad([{ ...NODE, network_interface: 'flat' }], [port({})], seen())).toEqual([]);
    expect(bad([NODE], [port({ network_type: 'unmanaged' })], seen())).toEqual([]);
  });

  it('sees two NICs on one port', () => {
    const two = heard({ mac_address: '52:54:00:aa:00:02', nic: 'eth1' });
    expect(bad([NODE], [], seen({ neighbours: [heard(), two] }))[0]?.seen).toContain('heard by 2 NICs');
  });

  it('tells of switches that are unknown, silent, or not as wanted', () => {
    const differences = [{ what: 'vlans', wanted: 'access 200', found: 'access 1' }];
    const all = bad(
      [NODE],
      [],
      seen({
        machine_links: [link({ switch: null }), link({ error: 'tor1 cannot be reached' }), link({ differences })],
      }),
    );
    expect(all.map((one) => one.seen)).toEqual([
      'no such switch is registered, or it was not asked yet',
      'tor1 cannot be reached',
      'vlans is access 1, wanted access 200',
    ]);
  });

  it('finds networks without DHCP, and with two', () => {
    expect(bad([], [], seen({ networks: [network({ hosts: 0 })] }))[0]?.seen).toContain(
      'no live host reaches rack1 VLAN 200',
    );
    expect(bad([], [], seen({ networks: [network({ dhcp: ['dnsmasq', 'ovn'] })] }))[0]?.seen).toContain('both');
    expect(bad([], [], seen({ networks: [network({ dhcp: ['dnsmasq'], hosts: 0 })] }))).toEqual([]);
  });

  it('finds frames that do not fit', () => {
    const facts = { neighbours: [heard({ frame_size: 1522 })], machine_links: [link()] };
    expect(bad([NODE], [], seen({ ...facts, networks: [network({ mtu: 9000 })] }))[0]?.remedy).toContain('9022');
    expect(bad([NODE], [], seen({ ...facts, networks: [network()] }))).toEqual([]);
  });
});
