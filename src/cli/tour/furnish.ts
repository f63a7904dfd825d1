import { baremetal } from '#sdk/generated/baremetal';
import { network } from '#sdk/generated/network';
import { switches } from '#sdk/generated/switches';
import type { Client } from '#sdk/client';
import type { LooseInput, Operation } from '#sdk/operation';

// What an operator does once a rack is cabled, and a tenant before the first machine: all of it through the API.

const SWITCH = 'rack1-tor';
const TENANT = { name: 'first', subnet: '10.0.0.0/24' } as const;

type Facts = Record<string, unknown>;

/** A rack as those know it who cabled it. */
export interface Cabling {
  /** Each with its `nics`: `{ mac, port }`. */
  machines: readonly Facts[];
  switch: { ovsdb: string; bridge: string; chassisId: string };
  physicalNetwork: string;
  /** The VLAN that leads out of it. */
  outside: { vlan: number; subnet: string; address: string };
}

/** Registers the rack's switch, or says where it is now. */
export async function registerSwitch({ operations }: Client, rack: Cabling): Promise<void> {
  const it = rack.switch;
  const body = {
    driver: 'ovs',
    address: it.ovsdb,
    chassis_id: it.chassisId,
    physical_network: rack.physicalNetwork,
    options: { bridge: it.bridge, cuts_links: 'true' },
  };
  const { switches: known } = (await operations.loose(switches.switchList, {})) as { switches: { name: string }[] };
  if (known.some(({ name }) => name === SWITCH)) {
    await operations.loose(switches.switchUpdate, { params: { switch: SWITCH }, body });
  } else await operations.loose(switches.switchCreate, { body: { ...body, name: SWITCH } });
}

/**
 * Writes where the cables of a node's ports end, which who cabled the rack knows, and has its switch ports moved from
 * then on.
 */
export async function cableNode({ baremetal: api }: Client, node: string, rack: Cabling): Promise<void> {
  const ports = new Map(
    rack.machines.flatMap((machine) =>
      (machine['nics'] as { mac: string; port: string | null }[]).map(({ mac, port }) => [mac, port] as const),
    ),
  );
  const listed = (await api.loose(baremetal.portList, { query: { node, fields: ['uuid', 'address'] } })) as {
    ports: { uuid: string; address: string }[];
  };
  for (const { uuid, address } of listed.ports) {
    const port = ports.get(address);
    if (typeof port !== 'string') continue;
    const link = { switch_id: rack.switch.chassisId, port_id: port, switch_info: SWITCH };
    await api.loose(baremetal.portUpdate, {
      params: { port_ident: uuid },
      body: [
        { op: 'add', path: '/local_link_connection', value: link },
        { op: 'add', path: '/physical_network', value: rack.physicalNetwork },
      ],
    });
  }
  await api.loose(baremetal.nodeUpdate, {
    params: { node_ident: node },
    body: [{ op: 'add', path: '/network_interface', value: 'neutron' }],
  });
}

/**
 * Gives the node a port on a tenant's network that has a router to the outside, and that port an address there; gives
 * both addresses.
 */
export async function connectNode(
  client: Client,
  node: string,
  rack: Cabling,
): Promise<{ fixed: string; floating: string }> {
  const { operations } = client;
  const make = async (operation: Operation, kind: string, body: Facts): Promise<Facts> =>
    ((await operations.loose(operation, { body: { [kind]: body } } as LooseInput)) as Record<string, Facts>)[kind] ??
    {};
  const outside = await once(client, network.networkList, 'networks', 'outside', async () => {
    const made = await make(network.networkCreate, 'network', {
      name: 'outside',
      'router:external': true,
      'provider:network_type': 'vlan',
      'provider:physical_network': rack.physicalNetwork,
      'provider:segmentation_id': rack.outside.vlan,
    });
    await make(network.subnetCreate, 'subnet', {
      network_id: made['id'],
      ip_version: 4,
      cidr: rack.outside.subnet,
      gateway_ip: rack.outside.address,
      enable_dhcp: false,
    });
    return made;
  });
  const inner = await once(client, network.networkList, 'networks', TENANT.name, async () => {
    const made = await make(network.networkCreate, 'network', { name: TENANT.name });
    const subnet = await make(network.subnetCreate, 'subnet', {
      name: TENANT.name,
      network_id: made['id'],
      ip_version: 4,
      cidr: TENANT.subnet,
    });
    const router = await make(network.routerCreate, 'router', {
      name: TENANT.name,
      external_gateway_info: { network_id: outside['id'] },
    });
    await operations.loose(network.routerAddRouterInterface, {
      params: { id: String(router['id']) },
      body: { subnet_id: subnet['id'] },
    });
    return made;
  });
  const port = await make(network.portCreate, 'port', { name: node, network_id: inner['id'] });
  await client.baremetal.loose(baremetal.nodeVifAttach, { params: { node_ident: node }, body: { id: port['id'] } });
  const floating = await make(network.floatingipCreate, 'floatingip', {
    floating_network_id: outside['id'],
    port_id: port['id'],
  });
  const [first] = port['fixed_ips'] as { ip_address: string }[];
  return { fixed: first?.ip_address ?? '', floating: String(floating['floating_ip_address']) };
}

/** The one of that name, made where there is none. */
async function once(
  { operations }: Client,
  list: Operation,
  kind: string,
  name: string,
  make: () => Promise<Facts>,
): Promise<Facts> {
  const found = (await operations.loose(list, { query: { name } })) as Record<string, Facts[]>;
  return found[kind]?.[0] ?? (await make());
}
