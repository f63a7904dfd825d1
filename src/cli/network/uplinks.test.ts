import { expect, it } from 'vitest';
import type { MachineLinks } from './findings.ts';
import { type SwitchPortSeen, uplinkFindings } from './uplinks.ts';

const seen: MachineLinks = {
  neighbours: [],
  machine_links: [
    {
      machine_id: 'n1',
      switch_id: '52:54:00:00:00:01',
      port_id: 'Ethernet1/5',
      switch_info: null,
      switch: 'tor1',
      state: 'applied',
      found: 'access 200',
      error: null,
      differences: [],
      ports: [{ id: 'p', network_id: 'red', purpose: null, status: 'ACTIVE' }],
    },
  ],
  networks: [
    { id: 'red', name: 'red', mtu: 1500, physical_network: 'rack1', vlan: 200, machines: 1, dhcp: ['ovn'], hosts: 1 },
  ],
};
const port = (found: string, plan: unknown = null): SwitchPortSeen => ({ port: 'Ethernet1/49', plan, found });
const judged = (...ports: SwitchPortSeen[]) =>
  uplinkFindings(seen, new Map([['tor1', ports]])).map(({ state, remedy }) => [state, remedy]);
const GOOD = [['good', undefined]];

it('finds a VLAN of machines that cannot leave their switch', () => {
  expect(judged(port('trunk 100,190-210, untagged dropped; open'))).toEqual(GOOD);
  expect(judged(port('trunk all, untagged 1; open'))).toEqual(GOOD);
  expect(judged(port('trunk 7, untagged 200; open'))).toEqual(GOOD);
  // A host that stands in the VLAN itself.
  expect(judged(port('access 200; open; edge'))).toEqual(GOOD);
  expect(judged(port('trunk 100,201-210, untagged 1; open'))).toEqual([
    ['bad', 'allow VLAN 200 on the uplink (trunks: Ethernet1/49)'],
  ]);
  expect(judged(port('trunk all, untagged 1; shut'))[0]).toEqual(['bad', expect.stringContaining('no trunk')]);
  // What carries it for another machine leads nowhere else.
  expect(judged(port('access 200; open', { vlans: {} }))[0]?.[0]).toBe('bad');
  expect(uplinkFindings(seen, new Map([['tor1', null]]))).toMatchObject([{ state: 'absent' }]);
});
