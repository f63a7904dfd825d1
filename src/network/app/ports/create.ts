import type { FixedIpWish } from '../../model/port-addresses.ts';
import {
  type AddressPair,
  demandDnsName,
  demandSecurity,
  type DhcpOption,
  isTrusted,
  macOf,
  mergeOptions,
  pairsOf,
} from '../../model/port-rules.ts';
import type { Call, NewColumns, Wish } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { insertPorts } from '../../store/ports.ts';
import { demandDomain, demandQosPolicy } from '../networks/demands.ts';
import { seenNetwork } from '../networks/seen.ts';
import { askFirst, giveAddresses, type OpenAddress, openAddresses, requestsOf, stillOpen } from './addresses.ts';
import { bindingOf } from './bind.ts';
import { groupsOf } from './groups.ts';
import { plugOutside } from './outside.ts';

/** Times a MAC address is made anew when it was another's. */
const MAC_TRIES = 16;

type Ready = Awaited<ReturnType<typeof prepare>>;

/** Makes ports, with their addresses and groups, by one statement where no address is named. */
export async function createPorts(call: Call, wishes: readonly Wish[], columns: readonly NewColumns[]): Promise<void> {
  const ready: Ready[] = [];
  for (const [at, wish] of wishes.entries()) ready.push(await prepare(call, wish, columns[at] as NewColumns));
  const addressees = ready.map(({ addressee }) => addressee);
  // Addresses of choice come before those taken by chance.
  const choice = addressees.some(({ requests }) => requests.some(({ kind }) => kind === 'named'));
  const all = openAddresses(addressees);
  const left = await insertWithMacs(call, ready, choice ? [] : all);
  await giveAddresses(call, addressees, { open: choice ? all : left });
  for (const { row, binding } of ready) await plugOutside(call, row.id, binding, row);
}

async function prepare(call: Call, wish: Wish, columns: NewColumns) {
  const { random, config } = call.room;
  const network = await seenNetwork(call, wish['network_id']);
  demandAttachable(call, wish, network);
  const fixedIps = (wish['fixed_ips'] ?? undefined) as FixedIpWish[] | undefined;
  demandAddressRules(call, wish, fixedIps, network.project_id);
  demandDnsName(wish['dns_name']);
  demandDomain(wish['dns_domain']);
  await demandQosPolicy(call, wish['qos_policy_id']);
  const deviceOwner = String(wish['device_owner']);
  const host = String(wish['binding:host_id'] ?? '');
  const named = typeof wish['mac_address'] === 'string';
  const mac = named ? macOf(String(wish['mac_address'])) : newMac(config.macBase, random.bytes(3));
  const secured =
    (wish['port_security_enabled'] as boolean | undefined) ??
    (!isTrusted(deviceOwner) && network.port_security_enabled);
  const wanted = (wish['security_groups'] ?? undefined) as string[] | undefined;
  const groups =
    wanted === undefined && (!secured || isTrusted(deviceOwner)) ? [] : await groupsOf(call, wish.project_id, wanted);
  const pairs = pairsOf((wish['allowed_address_pairs'] ?? []) as AddressPair[], mac);
  demandSecurity({ port_security_enabled: secured, groups, pairs });
  const requests = await requestsOf(call, { network: network.id, deviceOwner, host, fixedIps });
  const profile = (wish['binding:profile'] ?? {}) as Record<string, unknown>;
  const binding = { port: columns.id, network: network.id, host, vnicType: String(wish['binding:vnic_type']), profile };
  const row: NewColumns = {
    ...columns,
    network_id: network.id,
    mac_address: mac,
    host_id: host,
    port_security_enabled: secured,
    allowed_address_pairs: pairs,
    extra_dhcp_opts: mergeOptions([], (wish['extra_dhcp_opts'] ?? []) as DhcpOption[]),
    ip_allocation: requests === null ? 'deferred' : fixedIps?.length === 0 ? 'none' : 'immediate',
    tags: [...new Set((wish['tags'] ?? []) as string[])].sort(),
    binding_profile: profile,
    ...(await bindingOf(call, binding)),
  };
  const addressee = { port: row.id, network: network.id, requests: requests ?? [] };
  return { row, addressee, groups, named, binding };
}

/** Ports of tenants are on networks of theirs or shared with them; an outside network is for routers. */
function demandAttachable(call: Call, wish: Wish, network: { project_id: string; shared: boolean }): void {
  if (network.shared || network.project_id === wish.project_id || network.project_id === call.project) return;
  if (!call.allows('network_admin')) throw refusals.PolicyNotAuthorized('create_port');
}

/** Who may name addresses and subnets on networks of others. */
export function demandAddressRules(
  call: Call,
  owner: { project_id: string },
  wishes: readonly FixedIpWish[] | undefined,
  networkProject: string,
  verb: 'create' | 'update' = 'create',
): void {
  if (wishes === undefined || wishes.length === 0) return;
  const facts = { project_id: owner.project_id, network_project: networkProject, shared: true };
  if (wishes.some(({ ip_address: ip }) => ip !== undefined)) call.demand(`${verb}_port:fixed_ips:ip_address`, facts);
  if (wishes.some(({ subnet_id: subnet }) => subnet !== undefined))
    call.demand(`${verb}_port:fixed_ips:subnet_id`, facts);
}

/** Inserts ports with their groups and addresses; gives the addresses whose first subnet had none. */
async function insertWithMacs(
  call: Call,
  ports: readonly Ready[],
  addresses: readonly OpenAddress[],
): Promise<OpenAddress[]> {
  const left: OpenAddress[] = [];
  let open = ports;
  let asked = addresses;
  for (let attempt = 0; open.length > 0; attempt++) {
    if (attempt >= MAC_TRIES) throw refusals.MacAddressGenerationFailure(String(open[0]?.row['network_id']));
    const rows = open.map(({ row }) => row);
    const members = open.flatMap(({ row, groups }) => groups.map((group) => ({ port: row.id, group })));
    const { made, given } = await insertPorts(call.tx, rows, { addresses: askFirst(call, asked), members });
    left.push(...stillOpen(asked, given).filter(({ port }) => made.has(port)));
    open = open.filter(({ row }) => !made.has(row.id));
    asked = asked.filter(({ port }) => !made.has(port));
    for (const { row, named } of open) {
      if (named) throw refusals.MacAddressInUse(String(row['network_id']), String(row['mac_address']));
      row['mac_address'] = newMac(call.room.config.macBase, call.room.random.bytes(3));
    }
  }
  return left;
}

/** A MAC address nobody chose. */
export const newMac = (base: string, bytes: Buffer): string =>
  [base, ...[...bytes].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
