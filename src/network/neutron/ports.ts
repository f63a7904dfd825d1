import {
  type CableEnd,
  type Connection,
  type MachineIdentity,
  type Plug,
  SERVICE_PURPOSES,
  type ServicePurpose,
} from '#contracts/network';
import { linkKey } from '../machines/bound.ts';
import { profileOf } from '../store/bindings.ts';

// Ports as a Neutron shows and takes them. Pure.

/** A port of Neutron, as far as machines go. */
export interface NeutronPort {
  id: string;
  name: string;
  network_id: string;
  mac_address: string;
  status: string;
  device_owner: string;
  'binding:host_id': string;
  'binding:vif_type': string;
  'binding:profile': Record<string, unknown>;
}

const OWNER = 'baremetal:none';
/** Our own ports say in their name what they are for, and where they are plugged in. */
const NAME = /^ingot (\w+) ([0-9a-f-]{36})$/;

/** Our own port's purpose and place; null for a tenant's. */
export function ownPort(port: NeutronPort): { purpose: ServicePurpose; place: string } | null {
  const found = port.device_owner === OWNER ? NAME.exec(port.name) : null;
  const purpose = SERVICE_PURPOSES.find((one) => one === found?.[1]);
  return purpose === undefined || found === null ? null : { purpose, place: found[2] as string };
}

/** A port as bare metal is shown it. */
export function connectionOf(port: NeutronPort, place: string | null): Connection {
  const own = ownPort(port);
  return {
    vif: port.id,
    kind: own === null ? 'vif' : 'service',
    purpose: own?.purpose ?? null,
    network: port.network_id,
    place: own?.place ?? place,
    mac: port.mac_address,
    status: port.status,
    vifType: port['binding:vif_type'],
  };
}

/** Is this plug what is bound already? */
export function holds(port: NeutronPort, plug: Plug): boolean {
  const own = ownPort(port);
  if (port['binding:vif_type'] === 'binding_failed' || port['binding:vif_type'] === 'unbound') return false;
  if (plug.place.mac !== null && plug.place.mac.toLowerCase() !== port.mac_address.toLowerCase()) return false;
  if (keys(linksOf(port['binding:profile'])) !== keys(plug.place.links)) return false;
  return plug.kind === 'vif'
    ? port.id === plug.vif
    : own?.purpose === plug.purpose && own.place === plug.place.id && port.network_id === plug.network;
}

const keys = (links: readonly Pick<CableEnd, 'switchId' | 'portId'>[]): string => links.map(linkKey).sort().join();

function linksOf(profile: Record<string, unknown>): CableEnd[] {
  const links = profile['local_link_information'];
  return (Array.isArray(links) ? (links as Record<string, unknown>[]) : []).map((link) => ({
    switchId: String(link['switch_id'] ?? ''),
    portId: String(link['port_id'] ?? ''),
    switchInfo: null,
  }));
}

/** What binds a port of a tenant. */
export function bindBody(machine: MachineIdentity, { place }: Plug): Record<string, unknown> {
  return {
    'binding:vnic_type': 'baremetal',
    'binding:host_id': machine.uuid,
    'binding:profile': profileOf(place),
    ...(place.mac === null ? {} : { mac_address: place.mac }),
  };
}

/** What makes a port of our own. */
export function serviceBody(
  machine: MachineIdentity,
  plug: Extract<Plug, { kind: 'service' }>,
): Record<string, unknown> {
  return {
    ...bindBody(machine, plug),
    name: `ingot ${plug.purpose} ${plug.place.id}`,
    network_id: plug.network,
    admin_state_up: true,
    device_owner: OWNER,
    device_id: machine.instanceUuid ?? machine.uuid,
    ...(plug.securityGroups.length === 0 ? {} : { security_groups: plug.securityGroups }),
  };
}
