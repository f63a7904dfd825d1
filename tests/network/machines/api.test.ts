import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MachinePlace } from '#contracts/network';
import { systemClock } from '#kernel/clock';
import { systemRandom } from '#kernel/random';
import { OwnMachineNetworks } from '#network/machines/own';
import { silentLog } from '#platform/log';
import { type Json, type NetworkCloud, openNetworkCloud } from '../cloud.ts';
import { machine, options, SWITCH, tenant } from './promises.ts';
import { SimulatedSwitches } from './simulated-switches.ts';

let cloud: NetworkCloud;
let networks: OwnMachineNetworks;
const vlans = new Map([['rack1', { mtu: 1500, vlans: [{ first: 100, last: 199 }] }]]);
const make = async (who: string, kind: string, body: Json): Promise<Json> =>
  (await cloud.want(201, who, 'POST', `/${kind.replaceAll('_', '-')}s`, { [kind]: body }))[kind];
const enforced = async (who: string, port: Json): Promise<Json> =>
  (await cloud.want(200, who, 'GET', `/ports/${port.id}/security-group-enforcement`)).security_group_enforcement;

beforeAll(async () => {
  const switches = new SimulatedSwitches({ [SWITCH]: 'rack1' });
  cloud = await openNetworkCloud({ physicalNetworks: vlans }, switches);
  await cloud.project('one', ['member', 'reader']);
  await cloud.project('two');
  networks = new OwnMachineNetworks({
    store: cloud.store,
    switches: () => switches,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    config: {
      vlans: new Map([['rack1', [{ first: 100, last: 199 }]]]),
      flatVlans: new Map(),
      strict: false,
      deadlineMs: 20_000,
      macBase: 'fa:16:3e',
    },
  });
}, 120_000);
afterAll(() => cloud.close());

test('an owner is told of each rule where it holds, and nobody else is', { timeout: 60_000 }, async () => {
  const network = await make('one', 'network', {});
  await make('one', 'subnet', { network_id: network.id, ip_version: 4, cidr: '10.0.0.0/24' });
  const virtual = await make('one', 'port', { network_id: network.id });
  const said = await enforced('one', virtual);
  expect(said).toMatchObject({ port_id: virtual.id, strict: false });
  expect(said.rules).toHaveLength(4);
  expect(new Set(said.rules.map((rule: Json) => rule.enforcement))).toEqual(new Set(['stateful']));
  await cloud.want(404, 'two', 'GET', `/ports/${virtual.id}/security-group-enforcement`);
  await cloud.want(404, 'one', 'GET', '/ports/nothing/security-group-enforcement');

  const group = await make('one', 'security_group', { name: 'web', stateful: false });
  await make('one', 'security_group_rule', {
    security_group_id: group.id,
    direction: 'ingress',
    protocol: 'tcp',
    port_range_min: 443,
    port_range_max: 443,
  });
  const wish = { network_id: network.id, security_groups: [group.id], strict_security_groups: true };
  const port = await make('one', 'port', { ...wish, 'binding:vnic_type': 'baremetal' });
  expect(port.strict_security_groups).toBe(true);
  expect((await enforced('one', port)).rules[0]).toMatchObject({
    enforcement: 'none',
    reason: expect.stringContaining('bound'),
  });

  const { identity, places } = machine();
  await networks.connect(identity, [tenant(port.id, places[0] as MachinePlace)], options());
  const now = await enforced('one', port);
  expect(now.strict).toBe(true);
  expect(now.rules.map((rule: Json) => [rule.security_group_id, rule.enforcement])).toEqual(
    now.rules.map(() => [group.id, 'stateless']),
  );
  const shown = (await cloud.want(200, 'admin', 'GET', `/ports/${port.id}`)).port;
  expect(shown).toMatchObject({ status: 'ACTIVE', 'binding:vif_type': 'other', 'binding:host_id': identity.uuid });
  expect(shown['binding:profile'].local_link_information).toEqual([
    { switch_id: SWITCH, port_id: places[0]?.links[0]?.portId, switch_info: 'tor1' },
  ]);

  await networks.neighbours(identity.uuid, [
    {
      mac: places[0]?.mac ?? '',
      nic: 'eth0',
      switchId: SWITCH,
      portId: 'e1',
      switchInfo: 'tor1',
      vlan: 100,
      mtu: 1522,
    },
  ]);
  await cloud.want(403, 'one', 'GET', '/machine-links');
  const all = await cloud.want(200, 'admin', 'GET', '/machine-links');
  expect(all.machine_links).toEqual([
    expect.objectContaining({
      machine_id: identity.uuid,
      switch_id: SWITCH,
      state: 'applied',
      found: 'access 100',
      differences: [],
      ports: [{ id: port.id, network_id: network.id, purpose: null, status: 'ACTIVE' }],
    }),
  ]);
  expect(all.neighbours).toEqual([expect.objectContaining({ nic: 'eth0', vlan: 100, frame_size: 1522 })]);
  expect(all.networks).toEqual([
    expect.objectContaining({
      id: network.id,
      physical_network: 'rack1',
      vlan: 100,
      machines: 1,
      dhcp: ['ovn'],
      hosts: 0,
    }),
  ]);
});
