import { expect, test } from 'vitest';
import { inNamespace } from './programs/launch.ts';

test('a trunk, router advertisements, DHCPv6, names, a mark, a limit and the doctor, on the wire', {
  timeout: 400_000,
}, async () => {
  expect(await inNamespace('services.ts')).toEqual({
    'lease ga': '10.0.0.11',
    'lease gv': '10.1.0.13',
    'lease gb': '10.0.0.12',
    'lease gc': '10.1.0.14',
    'lease gm': '10.1.0.15',
    'over the trunk': true,
    'the other network without it': false,
    'address of its own making': true,
    'lease of IPv6': 'fd00:2::14 fd00:2::53',
    'lease of IPv6 of the machine': 'fd00:2::15 fd00:2::53',
    'the machine reaches its neighbour by IPv6': true,
    name: '10.0.0.12',
    'mark before': 0,
    mark: 26,
    'a limit limits': true,
    'the doctor': {
      here: ['c1', 'br-int', 'phys,tor1'],
      elsewhere: 'this host has no Open vSwitch (no /nowhere/db.sock)',
      overlay: {
        offers: ['10.1.0.1 10.1.0.30 1442'],
        IPv6: ['fd00:2:0:0:0:0:0:30'],
        wire: null,
        frames: '10.1.0.14 1400',
      },
      'a narrow link': '10.1.0.14 1304',
      VLAN: { offers: ['10.7.0.1 10.7.0.30 1442'], IPv6: [], wire: [], frames: 'null null' },
      'VLAN with a stranger': {
        offers: ['10.7.0.1 10.7.0.30 1442'],
        IPv6: [],
        wire: ['10.7.0.66'],
        frames: 'null null',
      },
      'left by the killed one': [true, 2, 2],
      'taken away': [1, 1, 1],
      'left in the end': [0, 0],
    },
    refused: {},
  });
});
