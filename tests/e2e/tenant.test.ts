import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { PROVISIONING, RACK_NETWORK, UPLINK } from '../../src/operate/rack/layout.ts';
import { until } from '../house/ingot.ts';
import { consoleSays, logIn } from './person.ts';
import { type Site, startSite } from './site.ts';
import { redfishOf } from './ways.ts';

// A machine is deployed by its ramdisk onto a tenant's network that our own OVN carries, and given back. The rack's cables
// are listened to all the time: what the ramdisk says is heard where machines boot, what the tenant's system says on the
// tenant's VLAN, and nothing of one where the other is.

const PASSWORD = 'open-sesame';
const VLAN = 210;
const ADDRESS = '10.5.0.21';
const LOOK_MS = 200;
const node = 'n1';
/** The tenant's port. */
let port = '';
let site: Site;
beforeAll(async () => {
  site = await startSite({
    machines: [{ name: 'm1', mode: 'bios', disks: [{ bus: 'nvme', sizeBytes: 4 * 1024 ** 3 }], nics: [{}] }],
    networks: true,
  });
}, 900_000);
afterAll(async () => {
  await site?.close();
}, 120_000);

/** Each value that came after another. */
const turns = <T>(all: readonly T[]): T[] => all.filter((one, at) => at === 0 || all[at - 1] !== one);

/** What a tenant and an operator ask for, of the Network API. */
const make = async <T extends { id: string }>(kind: string, what: Record<string, unknown>): Promise<T> => {
  const made = await site.ask<Record<string, T>>('POST', `/network/v2.0/${kind}s`, { [kind]: what });
  return made[kind] as T;
};

test('a ramdisk boots on the provisioning network, the tenant’s system on its own, and never one where the other is', async () => {
  const { ovsdb: address, bridge, chassisId } = site.switch;
  await site.ask('POST', '/switches/v1/switches', {
    name: RACK_NETWORK,
    driver: 'ovs',
    address,
    chassis_id: chassisId,
    physical_network: RACK_NETWORK,
    options: { bridge, cuts_links: 'true' },
  });
  const { uuid } = await site.ask<{ uuid: string }>('POST', '/v1/nodes', {
    name: node,
    driver: 'redfish',
    boot_interface: 'ipxe',
    network_interface: 'neutron',
    properties: { capabilities: 'boot_mode:bios' },
    // It was never anybody's: only giving it back erases it.
    automated_clean: false,
    driver_info: redfishOf('m1'),
  });
  await site.ask('POST', '/v1/ports', {
    node_uuid: uuid,
    address: site.mac('m1'),
    physical_network: RACK_NETWORK,
    local_link_connection: { switch_id: chassisId, port_id: 't0n0' },
  });
  await site.verb(node, 'manage', 'manageable');
  await site.verb(node, 'provide', 'available');
  await site.ask('PATCH', `/v1/nodes/${node}`, [{ op: 'add', path: '/automated_clean', value: true }]);
  const { id: network } = await make('network', {
    name: 'red',
    'provider:network_type': 'vlan',
    'provider:physical_network': RACK_NETWORK,
    'provider:segmentation_id': VLAN,
  });
  await make('subnet', { network_id: network, ip_version: 4, cidr: '10.5.0.0/24' });
  ({ id: port } = await make('port', { network_id: network, fixed_ips: [{ ip_address: ADDRESS }] }));
  const listened = await lifeOfATenant();
  const { vlan: provisioning, ifname } = PROVISIONING;
  expect(listened.vlans).toEqual([provisioning, VLAN, provisioning]);
  expect(listened.ends).toEqual([ifname, UPLINK.ifname, ifname]);
}, 1_800_000);

test('the same where the ramdisk starts the system itself, once its link was cut and came back', async () => {
  await site.ask('PATCH', `/v1/nodes/${node}`, [{ op: 'add', path: '/driver_info/agent_kexec', value: true }]);
  const before = (await site.heard()).length;
  const listened = await lifeOfATenant(before);
  const { vlan: provisioning, ifname } = PROVISIONING;
  expect(listened.vlans).toEqual([provisioning, VLAN, provisioning]);
  expect(listened.ends).toEqual([ifname, UPLINK.ifname, ifname]);
  expect(listened.refused).toBeUndefined();
}, 1_800_000);

/** Deployed, used and given back: which VLANs its port was on, where frames of it were heard, and what was said of kexec. */
async function lifeOfATenant(heardBefore = 0) {
  const vlans: (number | string | null)[] = [];
  let looks = true;
  const look = () => site.vlan('t0n0').catch(() => null);
  const looking = (async () => {
    for (; looks; await systemClock.sleep(LOOK_MS)) vlans.push(await look());
  })();
  await site.ask('POST', `/v1/nodes/${node}/vifs`, { id: port });
  await site.ask('PATCH', `/v1/nodes/${node}`, [
    { op: 'add', path: '/instance_info/image_source', value: site.image.url },
    { op: 'add', path: '/instance_info/image_checksum', value: site.image.checksum },
  ]);
  const since = new Date().toISOString();
  await site.verb(node, 'active', 'active', {
    configdrive: { meta_data: { hostname: 'tenant', admin_pass: PASSWORD } },
  });
  const { driver_internal_info: info } = await site.ask<{ driver_internal_info: Record<string, unknown> }>(
    'GET',
    `/v1/nodes/${node}`,
  );
  await consoleSays(site, node, /INGOT-READY hostname=tenant firmware=bios .*data=config-drive/, since);
  await until('its port is on the tenant’s VLAN', async () => (await look()) === VLAN, 60_000);
  // Its address comes from OVN: nobody else answers there.
  const tenant = await logIn(site, node, 'root', PASSWORD);
  const leased = async () => (await tenant.run('ip -4 -o addr show scope global')).includes(`inet ${ADDRESS}/24`);
  await until('the tenant has its address', leased, 120_000);
  tenant.leave();
  await site.verb(node, 'deleted', 'available');
  // In between, and afterwards, it is plugged into nothing.
  await until('it is plugged into nothing', async () => (await look()) === 'parked', 60_000);
  looks = false;
  await looking;
  const heard = (await site.heard()).slice(heardBefore).filter(({ mac }) => mac === site.mac('m1').toLowerCase());
  return {
    vlans: turns(vlans.filter((one) => typeof one === 'number')),
    ends: turns(heard.map(({ port: end }) => end)),
    refused: info['kexec_refused'],
  };
}
