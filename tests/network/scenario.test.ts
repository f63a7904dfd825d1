import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tinyGuest } from '../lab/guest.ts';
import { inNamespace } from './programs/launch.ts';

test("tenants with one range, told by Debian's openstack client alone, on the whole program with its own OVN", {
  timeout: 420_000,
}, async (context) => {
  context.skip(!existsSync('/usr/bin/openstack'), 'because python3-openstackclient is not installed');
  // Made out here: in there nothing can be fetched.
  await tinyGuest('disk');
  expect(await inNamespace('scenario.ts')).toEqual({
    'floating ip': { status: 'ACTIVE', fixed: '10.0.0.11' },
    'lease r1': '10.0.0.11',
    'lease r2': '10.0.0.12',
    'lease b1': '10.0.0.11',
    'lease b2': '10.0.0.12',
    'red reads its neighbour': 'r2',
    'blue reads its neighbour': 'b2',
    'outside sees red 1 as': 'the floating address',
    'outside sees red 2 as': 'the router',
    'blue, without a router, reaches the outside': null,
    'outside reads the floating address': 'r1',
    'without the rule it does not': true,
    'with it again it does': true,
    'lease m1 eth0': '10.7.0.21',
    'lease m1 eth1': '10.0.0.21',
    'lease v1 eth0': '10.7.0.22',
    'lease v1 eth1': '10.0.0.22',
    'lease m2 eth0': '10.0.0.21',
    'the machine reads the virtual machine': ['v1', 'v1'],
    'the virtual machine reads the machine': ['m1', 'm1'],
    'outside sees the machine as': 'its floating address',
    'outside reads the floating address of the machine': 'm1',
    '.21 is, to red and to blue': ['m1', 'm2'],
    'the machine of blue reads its neighbour': 'b2',
    'the doctor, of the wired network': [
      'dhcp good: OVN answers from 1 hosts on phys VLAN 210',
      expect.stringMatching(/^dhcp good: asked, and 10\.7\.0\.1 \(offers 10\.7\.0\.\d+\) answered$/),
      'mtu good: packets of 1500 bytes, not to be cut, come back from 10.7.0.1',
    ],
    'what the doctor left': [null],
    'machines are told who they are': ['m1', 'm1', 'm2'],
    'virtual machines are told who they are': [
      '/latest/meta-data/ of red-11 at 10.0.0.11',
      '/latest/meta-data/ of blue-11 at 10.0.0.11',
      'Not Found',
    ],
    'inspection would find a card on': [{ switch_id: '06:1a:b0:00:00:01', port_id: 't0n1' }],
    'ports of machines given back': ['t0n0 null 3967', 't0n1 null 3967', 't1n0 null 3967'],
    'strangers heard': [],
    'strangers heard with a port on the wrong VLAN': ['t0n1: blue', 't1n0: red'],
    'ports that heard their own': ['b1', 'b2', 'r1', 'r2', 't0n0', 't0n1', 't1n0', 'v1n0', 'v1n1'],
    states: ['ACTIVE', 'ACTIVE'],
    agents: ['Baremetal Node: true', 'OVN Controller Gateway agent: true'],
    'the router is in use': true,
    'red has nothing left': [],
    'in OVN there is': true,
    'blue reads its neighbour still': 'b2',
    done: true,
    complaints: ['made the first admin with the configured password'],
  });
});
