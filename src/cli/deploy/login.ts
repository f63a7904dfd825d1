import type { Client } from '#sdk/client';
import { baremetal } from '#sdk/generated/baremetal';
import { harmless } from '../output/cell.ts';
import type { Chosen } from './choose.ts';
import type { Wanted } from './wanted.ts';

interface Port {
  address: string;
  pxe_enabled?: boolean;
  internal_info?: { tenant_vif_port_id?: string };
  extra?: { ip_address?: unknown };
}

/** How to log in to what was deployed: its addresses as far as Ingot knows them, its console otherwise. */
export async function loginText(
  client: Client,
  chosen: Chosen,
  wanted: Wanted,
): Promise<{ text: string; addresses: string[]; macs: string[] }> {
  const { ports } = (await client.baremetal.loose(baremetal.portList, {
    query: { node: chosen.uuid, fields: ['address', 'pxe_enabled', 'extra'] },
  })) as { ports: Port[] };
  const macs = ports.map((port) => port.address);
  const told = ports.map((port) => port.extra?.ip_address).filter((one): one is string => typeof one === 'string');
  const addresses = [...new Set([...told, ...addressesIn(wanted.networkData)])];
  const where = addresses[0];
  const lines = [`${harmless(chosen.name)} runs ${harmless(wanted.image)}.`];
  if (where === undefined) {
    lines.push(`Log in by SSH at the address your DHCP server gave to ${macs.slice(0, 4).map(harmless).join(' or ')},`);
    lines.push('as the user of the image (debian, ubuntu, cloud-user…) with your key;');
  } else lines.push(`Log in:   ssh debian@${harmless(where)}     (or whatever user the image has)`);
  lines.push(`Console:  ingot console ${harmless(chosen.name)}     (~. ends it)`);
  lines.push(`Undo:     ingot baremetal node undeploy ${chosen.uuid}`);
  return { text: `${lines.join('\n')}\n`, addresses, macs };
}

/** Fixed addresses of a network_data.json. */
function addressesIn(networkData: string | undefined): string[] {
  if (networkData === undefined) return [];
  const { networks } = JSON.parse(networkData) as { networks?: { ip_address?: unknown }[] };
  return (Array.isArray(networks) ? networks : [])
    .map((network) => network.ip_address)
    .filter((one): one is string => typeof one === 'string')
    .map((one) => one.split('/')[0] ?? one);
}
