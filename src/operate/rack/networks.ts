import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '#kernel/run';
import type { Config } from '#platform/settings';
import { OUTSIDE, PROVISIONING, RACK_NETWORK, TENANT_VLANS, UPLINK } from './layout.ts';

/** What OVN is made of; without one of them networks are kept and carried nowhere. */
const OVN_PARTS = ['ovn-northd', 'ovn-controller', 'ovs-vswitchd', 'ovsdb-server'];
const OVN_SCHEMA = '/usr/share/ovn/ovn-nb.ovsschema';
/** OVN's sockets are in there, and paths of sockets are short. */
const LONGEST_OVN_DIR = 80;
const TOOL_MS = 20_000;

/** Whether OVN can run on this host. */
export async function ovnInstalled(): Promise<boolean> {
  const folders = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`.split(':');
  const there = (file: string, how: number) =>
    access(file, how).then(
      () => true,
      () => false,
    );
  const found = await Promise.all(
    OVN_PARTS.map(async (name) =>
      (await Promise.all(folders.map((folder) => there(join(folder, name), constants.X_OK)))).includes(true),
    ),
  );
  return !found.includes(false) && (await there(OVN_SCHEMA, constants.R_OK));
}

/**
 * The rack's switch as a physical network: machines boot on one VLAN of it, tenants get others, carried by an OVN of
 * our own where there is one. What somebody set stays.
 */
export async function rackNetworks({ network, lab, general }: Config): Promise<void> {
  const { name, vlan } = { name: 'provisioning', vlan: PROVISIONING.vlan };
  if (network.physical_networks.length === 0) network.physical_networks.push(`${RACK_NETWORK}:1500:${TENANT_VLANS}`);
  const short = join(general.data_dir, 'ovn').length <= LONGEST_OVN_DIR;
  if (lab.networks && network.ovn === 'off' && short && (await ovnInstalled())) {
    network.ovn = 'own';
    network.bridge_mappings.push(`${RACK_NETWORK}:${UPLINK.bridge}`);
  }
  if (network.service !== 'own' || network.service_networks.length > 0) return;
  network.service_networks.push(`${name}=${RACK_NETWORK}:${vlan}`);
  network.provisioning_network ??= name;
  network.cleaning_network ??= name;
  network.inspection_network ??= name;
  network.rescuing_network ??= name;
  network.servicing_network ??= name;
}

/** Legs and cables of the rack's switch. */
export const rackCables = {
  legs: [
    {
      ifname: PROVISIONING.ifname,
      vlan: PROVISIONING.vlan,
      address: `${PROVISIONING.address}/${PROVISIONING.prefix}`,
      address6: PROVISIONING.address6,
    },
    { ifname: OUTSIDE.ifname, vlan: OUTSIDE.vlan, address: `${OUTSIDE.address}/${OUTSIDE.prefix}` },
  ],
  uplinks: [{ ifname: UPLINK.ifname, vlans: UPLINK.vlans }],
};

/** Puts the cable to the rack into the bridge of our OVN. */
export async function plugUplink({ network, general }: Config): Promise<void> {
  if (!network.bridge_mappings.includes(`${RACK_NETWORK}:${UPLINK.bridge}`)) return;
  await plugInto(join(general.data_dir, 'ovn'));
}

/** The same, by the folder of our OVN: as an operator puts a network card into it. */
export async function plugInto(ovnDir: string): Promise<void> {
  const db = `--db=unix:${join(ovnDir, 'conf.sock')}`;
  const add = [db, '--no-wait', '--may-exist', 'add-port', UPLINK.bridge, UPLINK.ifname];
  await run('ovs-vsctl', add, { timeoutMs: TOOL_MS });
}
