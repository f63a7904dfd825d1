import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NetworkData, planNetwork } from './plan.ts';

const cards = new Map([
  ['52:54:00:00:00:01', 'eth0'],
  ['52:54:00:00:00:02', 'eth1'],
]);
const link = { id: 'a', type: 'phy', ethernet_mac_address: '52:54:00:00:00:01' };

describe('network data in the ramdisk', () => {
  it('sets addresses, routes and name servers of both families', () => {
    const plan = planNetwork(
      {
        links: [{ ...link, mtu: 9000 }],
        networks: [
          {
            link: 'a',
            type: 'ipv4',
            ip_address: '10.9.0.5',
            netmask: '255.255.255.0',
            routes: [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway: '10.9.0.1' }],
          },
          { link: 'a', type: 'ipv6', ip_address: 'fd00::5/64', gateway: 'fd00::1' },
        ],
        services: [{ type: 'dns', address: '10.9.0.1' }],
      },
      cards,
    );
    expect(plan).toEqual({
      commands: [
        ['link', 'set', 'eth0', 'mtu', '9000'],
        ['address', 'replace', '10.9.0.5/24', 'dev', 'eth0'],
        ['route', 'replace', '0.0.0.0/0', 'via', '10.9.0.1', 'dev', 'eth0', 'onlink'],
        ['-6', 'address', 'replace', 'fd00::5/64', 'dev', 'eth0', 'nodad'],
        ['-6', 'route', 'replace', '::/0', 'via', 'fd00::1', 'dev', 'eth0', 'onlink'],
      ],
      nameservers: ['10.9.0.1'],
      dhcp: [],
      problems: [],
    });
  });

  it('builds a bond with a VLAN on it', () => {
    const plan = planNetwork(
      {
        links: [
          link,
          { id: 'b', type: 'phy', ethernet_mac_address: '52:54:00:00:00:02' },
          { id: 'bond', type: 'bond', bond_links: ['a', 'b'], bond_mode: '802.3ad' },
          { id: 'v', type: 'vlan', vlan_link: 'bond', vlan_id: 20 },
        ],
        networks: [{ link: 'v', type: 'ipv4', ip_address: '10.9.0.5', netmask: '255.255.255.128' }],
      },
      cards,
    );
    expect(plan.commands).toContainEqual(['link', 'add', 'bond0', 'type', 'bond', 'mode', '802.3ad', 'miimon', '100']);
    expect(plan.commands).toContainEqual(['link', 'add', 'link', 'bond0', 'name', 'vlan0', 'type', 'vlan', 'id', '20']);
    expect(plan.commands).toContainEqual(['address', 'replace', '10.9.0.5/25', 'dev', 'vlan0']);
    expect(plan.problems).toEqual([]);
  });

  it('says what does not fit this machine', () => {
    const plan = planNetwork(
      {
        links: [{ ...link, ethernet_mac_address: '52:54:00:ff:ff:ff' }],
        networks: [{ link: 'a', type: 'ipv4', ip_address: '10.9.0.5', netmask: '255.255.255.0' }],
      },
      cards,
    );
    expect(plan.commands).toEqual([]);
    expect(plan.problems).toHaveLength(2);
  });

  it('takes no address with a zone: which card it is of is not for the data to say', () => {
    const plan = planNetwork(
      {
        links: [link],
        networks: [{ link: 'a', type: 'ipv6', ip_address: 'fd00::1%eth0', netmask: '64' }],
        services: [{ type: 'dns', address: 'fe80::1%eth0' }],
      },
      cards,
    );
    expect(plan).toMatchObject({ commands: [], nameservers: [] });
    expect(plan.problems).toHaveLength(1);
  });

  it('never lets a text of the data become an argument of its own', () => {
    const wild = fc.oneof(fc.string(), fc.constantFrom('10.0.0.1; reboot', '-4', '$(x)', 'fd00::1%eth0', '1.2.3.4/99'));
    fc.assert(
      fc.property(wild, wild, wild, wild, (address, netmask, gateway, mode) => {
        const data: NetworkData = {
          links: [link, { id: 'bond', type: 'bond', bond_links: ['a'], bond_mode: mode }],
          networks: [
            {
              link: 'a',
              type: 'ipv4',
              ip_address: address,
              netmask,
              gateway,
              routes: [{ network: address, netmask, gateway }],
            },
          ],
          services: [{ type: 'dns', address }],
        };
        for (const argument of planNetwork(data, cards).commands.flat())
          expect(argument).toMatch(/^(-6|[a-z0-9.]+|[0-9a-f:.]+\/\d{1,3}|[0-9a-f:.]+|active-backup|balance-[a-z]+)$/i);
      }),
    );
  });
});
