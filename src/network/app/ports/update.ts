import type { FixedIpWish } from '../../model/port-addresses.ts';
import {
  type AddressPair,
  demandDnsName,
  demandSecurity,
  type DhcpOption,
  macOf,
  mergeOptions,
  pairsOf,
} from '../../model/port-rules.ts';
import type { Call, Changes, Columns, Held } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { giveAuto, readAddresses } from '../../store/fixed-ips.ts';
import { hasMac, type PortRow, readPort } from '../../store/ports.ts';
import { joinGroups, leaveGroups } from '../../store/security-groups.ts';
import { demandDomain, demandQosPolicy } from '../networks/demands.ts';
import { changeAddresses, giveAddresses, requestsOf } from './addresses.ts';
import { bindingOf, releaseBinding } from './bind.ts';
import { demandAddressRules, newMac } from './create.ts';
import { groupsOf } from './groups.ts';
import { plugOutside } from './outside.ts';

/** Changes a port. */
export async function updatePort(call: Call, row: Held, changes: Changes, columns: Columns): Promise<Columns> {
  const { tx } = call;
  const port = await readPort(tx, row.id);
  if (port === undefined) throw refusals.PortNotFound(row.id);
  const next = <T>(name: string, old: T): T => (changes[name] === undefined ? old : (changes[name] as T));
  demandDnsName(changes['dns_name']);
  demandDomain(changes['dns_domain']);
  await demandQosPolicy(call, changes['qos_policy_id']);
  const mac = await nextMac(call, port, changes);
  columns['mac_address'] = mac;
  const deviceOwner = next('device_owner', port.device_owner);

  const wanted = changes['security_groups'] as string[] | undefined | null;
  const groups =
    wanted === undefined ? port.groups : wanted === null ? [] : await groupsOf(call, port.project_id, wanted);
  const pairs =
    changes['allowed_address_pairs'] === undefined
      ? port.allowed_address_pairs
      : pairsOf((changes['allowed_address_pairs'] ?? []) as AddressPair[], mac);
  const secured = next('port_security_enabled', port.port_security_enabled);
  if (!secured && port.port_security_enabled && groups.length > 0) throw refusals.PortSecurityPortHasSecurityGroup();
  demandSecurity({ port_security_enabled: secured, groups, pairs });
  columns['allowed_address_pairs'] = pairs;
  if (changes['extra_dhcp_opts'] !== undefined)
    columns['extra_dhcp_opts'] = mergeOptions(port.extra_dhcp_opts, (changes['extra_dhcp_opts'] ?? []) as DhcpOption[]);

  const fixedIps = changes['fixed_ips'] as FixedIpWish[] | undefined | null;
  if (fixedIps !== undefined)
    await nextAddresses(call, row, { ...port, device_owner: deviceOwner }, fixedIps ?? [], columns);
  if (mac !== port.mac_address) await moveAutoAddresses(call, port, mac);
  if (wanted !== undefined) {
    await leaveGroups(tx, row.id, groups);
    await joinGroups(
      tx,
      groups.map((group) => ({ port: row.id, group })),
    );
  }
  await nextBinding(call, port, changes, columns, { deviceOwner, named: fixedIps !== undefined });
  return columns;
}

async function nextAddresses(
  call: Call,
  row: Held,
  port: PortRow,
  wishes: readonly FixedIpWish[],
  columns: Columns,
): Promise<void> {
  const held = new Set((await readAddresses(call.tx, port.id)).map(({ ip }) => ip));
  // Naming what one has is no request for an address of choice.
  const fresh = wishes.filter(({ ip_address: ip }) => ip === undefined || !held.has(ip));
  demandAddressRules(call, port, fresh, String(row.facts['network_project'] ?? ''), 'update');
  await changeAddresses(call, { id: port.id, network: port.network_id, deviceOwner: port.device_owner }, wishes);
  columns['ip_allocation'] = wishes.length === 0 ? 'none' : 'immediate';
}

async function nextMac({ tx, room }: Call, port: PortRow, changes: Changes): Promise<string> {
  const sent = changes['mac_address'];
  // Who has done with a machine gives its MAC address back, and gets one of the port's own.
  if (sent === null && port.host_id === '') return newMac(room.config.macBase, room.random.bytes(3));
  if (typeof sent !== 'string') return port.mac_address;
  const mac = macOf(sent);
  if (mac === port.mac_address) return mac;
  const staysBound = port.host_id !== '' && changes['binding:host_id'] !== '';
  if (staysBound && changes['binding:host_id'] === undefined)
    throw refusals.PortBound(port.id, port.vif_type, port.mac_address, mac);
  if (await hasMac(tx, port.network_id, mac, port.id)) throw refusals.MacAddressInUse(port.network_id, mac);
  return mac;
}

/** Addresses made of the MAC address follow it. */
async function moveAutoAddresses({ tx }: Call, port: PortRow, mac: string): Promise<void> {
  const autos = (await readAddresses(tx, port.id)).flatMap((one, position) => (one.auto ? [{ ...one, position }] : []));
  if (autos.length === 0) return;
  await tx.query({
    name: 'network auto gone',
    text: 'delete from net_fixed_ips where port_id = $1 and ip = any($2::inet[])',
    values: [port.id, autos.map(({ ip }) => ip)],
  });
  await tx.query({
    name: 'network mac now',
    text: 'update net_ports set mac_address = $2::macaddr where id = $1',
    values: [port.id, mac],
  });
  await giveAuto(
    tx,
    autos.map(({ subnet, position }) => ({ port: port.id, subnet, position })),
  );
}

async function nextBinding(
  call: Call,
  port: PortRow,
  changes: Changes,
  columns: Columns,
  { deviceOwner, named }: { deviceOwner: string; named: boolean },
): Promise<void> {
  const touched = ['binding:host_id', 'binding:vnic_type', 'binding:profile'].some(
    (name) => changes[name] !== undefined,
  );
  if (!touched) return;
  const host = (changes['binding:host_id'] ?? (changes['binding:host_id'] === null ? '' : port.host_id)) as string;
  const vnicType = (changes['binding:vnic_type'] as string | undefined) ?? port.vnic_type;
  if (port.host_id !== '' && host !== '' && vnicType !== port.vnic_type)
    throw refusals.PortInUse(port.id, 'it is bound, and its vnic_type cannot change');
  const profile =
    changes['binding:profile'] === undefined
      ? port.binding_profile
      : ((changes['binding:profile'] ?? {}) as Record<string, unknown>);
  columns['host_id'] = host;
  columns['binding_profile'] = profile;
  await releaseBinding(call, port);
  const wish = { port: port.id, network: port.network_id, host, vnicType, profile };
  Object.assign(columns, await bindingOf(call, wish));
  await plugOutside(call, port.id, wish, columns);
  if (columns['vif_type'] !== 'ovs' && columns['vif_type'] !== 'other') columns['status'] = 'DOWN';
  if (port.ip_allocation !== 'deferred' || host === '' || named) return;
  const requests = await requestsOf(call, { network: port.network_id, deviceOwner, host, fixedIps: undefined });
  await giveAddresses(call, [{ port: port.id, network: port.network_id, requests: requests ?? [] }]);
  columns['ip_allocation'] = 'immediate';
}
