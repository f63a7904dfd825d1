import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inNamespace } from './programs/launch.ts';

test("tenants with one range, told by Debian's openstack client alone, on the whole program with its own OVN", {
  timeout: 240_000,
}, async (context) => {
  context.skip(!existsSync('/usr/bin/openstack'), 'because python3-openstackclient is not installed');
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
