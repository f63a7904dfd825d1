import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MachinePlace } from '#contracts/network';
import { systemClock } from '#kernel/clock';
import { newUuid } from '#kernel/ids';
import { systemRandom } from '#kernel/random';
import { OwnMachineNetworks } from '#network/machines/own';
import { silentLog } from '#platform/log';
import { type Json, type NetworkCloud, openNetworkCloud } from '../cloud.ts';
import { machine, options, SWITCH, tenant } from './promises.ts';
import { SimulatedSwitches } from './simulated-switches.ts';

let cloud: NetworkCloud;
let networks: OwnMachineNetworks;
let switches: SimulatedSwitches;
const vlans = new Map([['rack1', { mtu: 1500, vlans: [{ first: 100, last: 199 }] }]]);
const make = async (who: string, kind: string, body: Json): Promise<Json> =>
  (await cloud.want(201, who, 'POST', `/${kind.replaceAll('_', '-')}s`, { [kind]: body }))[kind];
const enforced = async (who: string, port: Json): Promise<Json> =>
  (await cloud.want(200, who, 'GET', `/ports/${port.id}/security-group-enforcement`)).security_group_enforcement;

beforeAll(async () => {
  switches = new SimulatedSwitches({ [SWITCH]: 'rack1' });
  cloud = await openNetworkCloud({ physicalNetworks: vlans }, switches, (_, machine) =>
    networks.settle(machine, newUuid()),
  );
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

test("an Ironic of somebody else's binds ports by its own requests, and switches move", {
  timeout: 60_000,
}, async () => {
  const node = newUuid();
  const cable = { switch_id: SWITCH, port_id: 'Ethernet9', switch_info: 'tor1' };
  const nic = '52:54:00:cc:00:09';
  const said = () => switches.said.get(`${SWITCH}|Ethernet9`);
  const network = async (vlan: number) => {
    const made = await make('admin', 'network', {
      'provider:network_type': 'vlan',
      'provider:physical_network': 'rack1',
      'provider:segmentation_id': vlan,
    });
    await make('admin', 'subnet', { network_id: made.id, ip_version: 4, cidr: `10.${vlan}.0.0/24` });
    return made;
  };
  const put = async (id: string, body: Json): Promise<Json> =>
    (await cloud.want(200, 'admin', 'PUT', `/ports/${id}`, { port: body })).port;
  const [cleaning, tenants] = [await network(130), await network(131)];
  // The ports of its cleaning network: made, found again by MAC address, deleted.
  const service = await make('admin', 'port', {
    network_id: cleaning.id,
    admin_state_up: true,
    'binding:vnic_type': 'baremetal',
    device_owner: 'baremetal:none',
    device_id: node,
    'binding:host_id': node,
    'binding:profile': { local_link_information: [cable] },
    mac_address: nic,
  });
  expect(service).toMatchObject({ 'binding:vif_type': 'other', status: 'ACTIVE' });
  expect(said()).toEqual(['access 130']);
  const { ports } = await cloud.want(200, 'admin', 'GET', `/ports?network_id=${cleaning.id}&mac_address=${nic}`);
  expect(ports.map((port: Json) => port.id)).toEqual([service.id]);
  await cloud.want(204, 'admin', 'DELETE', `/ports/${service.id}`);
  expect(said()).toEqual(['access 130', 'nothing']);
  // The tenant's: unbound, then bound to the NIC.
  const vif = await make('one', 'port', { network_id: (await make('one', 'network', {})).id });
  const first = vif.mac_address;
  await put(vif.id, { 'binding:host_id': '', 'binding:profile': {} });
  const bind = {
    'binding:vnic_type': 'baremetal',
    'binding:host_id': node,
    'binding:profile': { local_link_information: [cable], physical_network: 'rack1' },
    mac_address: nic,
  };
  // An overlay gets a VLAN of the machine's physical network.
  expect(await put(vif.id, bind)).toMatchObject({ 'binding:vif_type': 'other', status: 'ACTIVE', mac_address: nic });
  expect(said()?.at(-1)).toMatch(/^access 1\d\d$/);
  const late = await put(vif.id, { 'binding:host_id': '', 'binding:profile': {} });
  expect(late).toMatchObject({ 'binding:vif_type': 'unbound', status: 'DOWN' });
  expect(said()?.at(-1)).toBe('nothing');
  const reset = await put(vif.id, { mac_address: null });
  expect([first, nic]).not.toContain(reset.mac_address);

  // A switch that refuses, and one that nobody drives, are failed bindings, which Ironic looks for.
  const other = await make('admin', 'port', { network_id: tenants.id });
  switches.broken.set(`${SWITCH}|Ethernet9`, 'the switch refuses');
  const failed = await put(other.id, { ...bind, mac_address: '52:54:00:cc:00:0a' });
  expect(failed).toMatchObject({ 'binding:vif_type': 'binding_failed', status: 'DOWN' });
  switches.broken.clear();
  expect(said()?.at(-1)).toBe('nothing');
  const far = { local_link_information: [{ ...cable, switch_id: '52:54:00:00:00:77' }], physical_network: 'rack1' };
  await put(other.id, { 'binding:host_id': '', 'binding:profile': {} });
  expect(await put(other.id, { ...bind, 'binding:profile': far, mac_address: '52:54:00:cc:00:0a' })).toMatchObject({
    'binding:vif_type': 'binding_failed',
  });
  // Strict groups that the switch cannot hold are a failed binding as well.
  await put(other.id, { 'binding:host_id': '', 'binding:profile': {}, strict_security_groups: true });
  expect(await put(other.id, { ...bind, mac_address: '52:54:00:cc:00:0a' })).toMatchObject({
    'binding:vif_type': 'binding_failed',
  });
  expect(said()?.at(-1)).toBe('nothing');
  await put(other.id, { 'binding:host_id': '', 'binding:profile': {}, strict_security_groups: false });
  // The cable was moved to another node: nothing of the first is on it any more.
  const second = newUuid();
  const moved = await put(other.id, { ...bind, 'binding:host_id': second, mac_address: '52:54:00:cc:00:0a' });
  expect(moved).toMatchObject({ 'binding:vif_type': 'other', status: 'ACTIVE' });
  expect(said()?.at(-1)).toBe('access 131');
  // Whose it is, nobody else can take.
  const thief = await put(vif.id, bind);
  expect(thief['binding:vif_type']).toBe('binding_failed');
  expect(said()?.at(-1)).toBe('access 131');
});
