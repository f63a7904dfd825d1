import { systemClock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { systemRandom } from '#kernel/random';
import { askNetwork, type NetworkAnswers } from '#operate/probe/ask';
import { findLocalSwitch, type LocalSwitch } from '#operate/probe/local-switch';
import { markLives, ownMark, removeLeftProbes } from '#operate/probe/probe-port';
import type { Client } from '#sdk/client';
import { network as api } from '#sdk/generated/network';
import type { AskedNetwork, SeenSubnet } from './asked.ts';
import type { MachineLinks } from './findings.ts';

// Asks on networks themselves: a port of the network service, bound to this host, for each, and what hangs on it asks.

type NetworkSeen = MachineLinks['networks'][number];
interface SeenPort {
  id: string;
  network_id: string;
  name: string;
  mac_address: string;
  status: string;
  device_owner: string;
  device_id: string;
  fixed_ips: { subnet_id: string; ip_address: string }[];
}

const OWNER = 'ingot:doctor';
/** OVN needs no more to bind a port. */
const BOUND_MS = 10_000;
const POLL_MS = 200;
/** Neighbours that are asked for an answer, when the gateway gives none. */
const MOST_TARGETS = 4;
const AT_ONCE = 3;

/** Asks on all of them; where that cannot be, the answer says why. */
export async function askNetworks(
  client: Client,
  networks: readonly NetworkSeen[],
  sockets: readonly string[],
): Promise<AskedNetwork[]> {
  if (networks.length === 0) return [];
  const asked = await Promise.all(
    networks.map(async (network) => ({ network, subnets: await subnetsOf(client, network.id) })),
  );
  const here = process.getuid?.() === 0 ? await findLocalSwitch(sockets) : 'only root can make ports and namespaces';
  if (typeof here === 'string') {
    return asked.map((one) => ({ ...one, answers: here }));
  }
  await clean(client, here);
  const found: AskedNetwork[] = [];
  const left = asked.entries(); // all workers take from it
  const work = async (): Promise<void> => {
    for (const [at, { network, subnets }] of left) {
      const answers = await askOne(client, here, network, subnets).catch((error: unknown) => messageOf(error));
      found[at] = { network, subnets, answers };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

/** Removes what doctors of this host left behind that were killed. */
async function clean(client: Client, here: LocalSwitch): Promise<void> {
  await removeLeftProbes(here.db);
  for (const { id, device_id: device } of await portsWith(client, { device_owner: OWNER })) {
    const [host, mark = ''] = device.split(' ');
    if (host === here.chassis && !markLives(mark)) await remove(client, id);
  }
}

async function askOne(
  client: Client,
  here: LocalSwitch,
  network: NetworkSeen,
  subnets: readonly SeenSubnet[],
): Promise<NetworkAnswers> {
  const near = await portsWith(client, { network_id: network.id, status: 'ACTIVE' });
  const wish = {
    network_id: network.id,
    name: 'ingot-doctor',
    device_owner: OWNER,
    device_id: `${here.chassis} ${ownMark()}`,
    'binding:host_id': here.chassis,
  };
  const made = (await client.operations.loose(api.portCreate, { body: { port: wish } })) as { port: SeenPort };
  const { id, mac_address: mac, fixed_ips: ips } = made.port;
  try {
    const lengths = new Map(subnets.map((one) => [one.id, one.cidr.split('/')[1] ?? '']));
    const targets = [
      ...subnets.flatMap(({ gateway_ip: gateway }) => gateway ?? []),
      ...near.flatMap(({ fixed_ips: theirs }) => theirs.map(({ ip_address: ip }) => ip)),
    ];
    const bridge = network.physical_network === null ? undefined : here.bridges.get(network.physical_network);
    const versions = new Set(subnets.map(({ ip_version: version }) => version));
    // What asks shows itself to the switch first; OVN then says that it is there, which its port's status tells.
    return await askNetwork(
      here,
      {
        port: { id, mac, addresses: ips.map((one) => `${one.ip_address}/${lengths.get(one.subnet_id)}`) },
        wire: bridge === undefined ? null : { bridge, vlan: network.vlan, mac: strangeMac() },
        families: versions.has(6) ? (versions.has(4) ? '46' : '6') : '4',
        mtu: network.mtu,
        targets: [...new Set(targets)].slice(0, MOST_TARGETS),
        ready: () => bound(client, id),
      },
      systemRandom,
    );
  } finally {
    await remove(client, id);
  }
}

/** Waits until OVN has the port; asks all the same when that takes too long, for the answers tell. */
async function bound(client: Client, id: string): Promise<void> {
  const end = systemClock.monotonic() + BOUND_MS;
  while (systemClock.monotonic() < end) {
    const { port } = (await client.operations.loose(api.portGet, { params: { id } })) as { port: SeenPort };
    if (port.status === 'ACTIVE') return;
    await systemClock.sleep(POLL_MS);
  }
}

/** Of nobody: a MAC address no record has. */
const strangeMac = (): string =>
  ['02', ...[...systemRandom.bytes(5)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');

const remove = (client: Client, id: string): Promise<unknown> =>
  client.operations.loose(api.portDelete, { params: { id } }).catch(() => undefined);

const portsWith = async (client: Client, query: Record<string, string>): Promise<SeenPort[]> =>
  ((await client.operations.loose(api.portList, { query })) as { ports: SeenPort[] }).ports;

const subnetsOf = async (client: Client, network: string): Promise<SeenSubnet[]> =>
  ((await client.operations.loose(api.subnetList, { query: { network_id: network } })) as { subnets: SeenSubnet[] })
    .subnets;
