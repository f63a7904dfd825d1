import { ipFamily } from '#kernel/ip-family';

/** OpenStack's network_data.json, as far as a ramdisk needs it (nova, `network_data.json` schema). */
export interface NetworkData {
  links?: readonly {
    id?: string;
    type?: string;
    ethernet_mac_address?: string;
    mtu?: number | null;
    vlan_id?: number;
    vlan_link?: string;
    vlan_mac_address?: string;
    bond_links?: readonly string[];
    bond_mode?: string;
  }[];
  networks?: readonly {
    link?: string;
    type?: string;
    ip_address?: string;
    netmask?: string;
    routes?: readonly { network?: string; netmask?: string; gateway?: string }[];
    gateway?: string;
  }[];
  services?: readonly { type?: string; address?: string }[];
}

/** What to do: argument arrays of `ip`, and the name servers. */
export interface NetworkPlan {
  commands: string[][];
  nameservers: string[];
  /** Cards that must ask DHCP all the same. */
  dhcp: string[];
  /** Parts that were left out, in words. */
  problems: string[];
}

const BOND_MODES = ['balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb'];

/**
 * Turns network data into commands. `cards`: names of the machine's network cards by MAC (lower case). Nothing but
 * checked addresses, numbers and names made here gets into a command.
 */
export function planNetwork(data: NetworkData, cards: ReadonlyMap<string, string>): NetworkPlan {
  const plan: NetworkPlan = { commands: [], nameservers: [], dhcp: [], problems: [] };
  const names = new Map<string, string>();
  const links = data.links ?? [];
  for (const link of links.filter((l) => l.type !== 'vlan' && l.type !== 'bond')) {
    const card = cards.get((link.ethernet_mac_address ?? '').toLowerCase());
    if (card === undefined)
      plan.problems.push(`no card has the address ${JSON.stringify(link.ethernet_mac_address ?? null)}`);
    else if (link.id !== undefined) names.set(link.id, card);
  }
  for (const [index, link] of links.filter((l) => l.type === 'bond').entries()) {
    const members = (link.bond_links ?? []).flatMap((id) => names.get(id) ?? []);
    const mode = BOND_MODES.includes(link.bond_mode ?? '') ? (link.bond_mode ?? '') : 'active-backup';
    if (members.length === 0) {
      plan.problems.push('a bond has no card that is here');
      continue;
    }
    const name = `bond${index}`;
    plan.commands.push(['link', 'add', name, 'type', 'bond', 'mode', mode, 'miimon', '100']);
    for (const member of members)
      plan.commands.push(
        ['link', 'set', member, 'down'],
        ['link', 'set', member, 'master', name],
        ['link', 'set', member, 'up'],
      );
    plan.commands.push(['link', 'set', name, 'up']);
    if (link.id !== undefined) names.set(link.id, name);
  }
  for (const [index, link] of links.filter((l) => l.type === 'vlan').entries()) {
    const parent = names.get(link.vlan_link ?? '');
    const tag = Number(link.vlan_id);
    if (parent === undefined || !Number.isInteger(tag) || tag < 1 || tag > 4094) {
      plan.problems.push('a VLAN has no card that is here, or no number from 1 to 4094');
      continue;
    }
    const name = `vlan${index}`;
    plan.commands.push(
      ['link', 'add', 'link', parent, 'name', name, 'type', 'vlan', 'id', String(tag)],
      ['link', 'set', name, 'up'],
    );
    if (link.id !== undefined) names.set(link.id, name);
  }
  for (const link of links) {
    const name = names.get(link.id ?? '');
    if (name !== undefined && Number.isInteger(link.mtu) && Number(link.mtu) >= 576 && Number(link.mtu) <= 65_535)
      plan.commands.push(['link', 'set', name, 'mtu', String(link.mtu)]);
  }
  for (const network of data.networks ?? []) addNetwork(plan, network, names.get(network.link ?? ''));
  for (const service of data.services ?? []) {
    if (service.type === 'dns' && ipFamily(service.address ?? '') !== 0) plan.nameservers.push(service.address ?? '');
  }
  return plan;
}

function addNetwork(
  plan: NetworkPlan,
  network: NonNullable<NetworkData['networks']>[number],
  name: string | undefined,
): void {
  if (name === undefined) {
    plan.problems.push('a network is on no card that is here');
    return;
  }
  if (network.type === 'ipv4_dhcp') {
    plan.dhcp.push(name);
    return;
  }
  const [bare = '', length] = (network.ip_address ?? '').split('/');
  const family = ipFamily(bare);
  const prefix = length === undefined ? prefixOf(network.netmask ?? '', family) : Number(length);
  if (
    family === 0 ||
    prefix === null ||
    !Number.isInteger(prefix) ||
    prefix < 0 ||
    prefix > (family === 4 ? 32 : 128)
  ) {
    plan.problems.push(`${JSON.stringify(network.ip_address ?? null)} is no address with a netmask`);
    return;
  }
  const ip = family === 6 ? ['-6'] : [];
  plan.commands.push([
    ...ip,
    'address',
    'replace',
    `${bare}/${prefix}`,
    'dev',
    name,
    ...(family === 6 ? ['nodad'] : []),
  ]);
  const routes = [...(network.routes ?? [])];
  if (network.gateway !== undefined)
    routes.push({
      network: family === 4 ? '0.0.0.0' : '::',
      netmask: family === 4 ? '0.0.0.0' : '::',
      gateway: network.gateway,
    });
  for (const route of routes) {
    const [to = '', routeLength] = (route.network ?? '').split('/');
    const bits = routeLength === undefined ? prefixOf(route.netmask ?? '', family) : Number(routeLength);
    const good =
      ipFamily(to) === family &&
      ipFamily(route.gateway ?? '') === family &&
      bits !== null &&
      Number.isInteger(bits) &&
      bits >= 0 &&
      bits <= 128;
    if (good)
      plan.commands.push([
        ...ip,
        'route',
        'replace',
        `${to}/${bits}`,
        'via',
        route.gateway ?? '',
        'dev',
        name,
        'onlink',
      ]);
    else plan.problems.push(`the route to ${JSON.stringify(route.network ?? null)} is not complete`);
  }
}

/** Bits of a netmask; null when it is none. */
function prefixOf(mask: string, family: number): number | null {
  if (/^\d{1,3}$/.test(mask)) return Number(mask);
  if (family !== ipFamily(mask) || family === 0) return null;
  if (family === 4)
    return contiguous(
      mask
        .split('.')
        .map((part) => Number(part).toString(2).padStart(8, '0'))
        .join(''),
    );
  const [head = '', tail = ''] = mask.split('::');
  const parts = (text: string) => (text === '' ? [] : text.split(':'));
  const missing = 8 - parts(head).length - parts(tail).length;
  const groups = mask.includes('::')
    ? [...parts(head), ...new Array<string>(Math.max(0, missing)).fill('0'), ...parts(tail)]
    : parts(head);
  return contiguous(groups.map((part) => Number.parseInt(part, 16).toString(2).padStart(16, '0')).join(''));
}

function contiguous(bits: string): number | null {
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null;
}
