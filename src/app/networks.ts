import { join } from 'node:path';
import { IngotError } from '#kernel/errors';
import type { InstanceFiles } from '#contracts/metadata';
import type { Clock } from '#kernel/clock';
import { DEFAULT_NETWORK_CONFIG, type NetworkConfig } from '#network/index';
import { MetadataService, type NovaSettings } from '#network/metadata/index';
import { beatConductor } from '#network/store/agents';
import { type Ovn, type OvnSettings, startOvn } from '#network/ovn/index';
import type { Log } from '#platform/log';
import type { Config } from '#platform/settings';
import type { Shutdown } from '#platform/shutdown';
import type { Store } from '#store/contract';
import { conductorHost } from './room-settings.ts';

const STOP_MS = 15_000;
/** Agents that were not heard of for 75 s count as dead. */
const BEAT_MS = 30_000;

interface NetworkParts {
  store: Store;
  clock: Clock;
  log: Log;
  config: Config;
  shutdown: Shutdown;
  /** What instances on machines are told of themselves. */
  instances: InstanceFiles;
}

/** Starts what carries tenants' networks; null when the settings say that nothing does. */
export async function startNetworks(parts: NetworkParts): Promise<Ovn | null> {
  const { store, clock, log, config, shutdown } = parts;
  const settings = ovnSettings(config);
  const stopBeat = sayConductor(parts);
  shutdown.add({ name: 'the list of agents', order: 24, timeoutMs: 1000, stop: () => Promise.resolve(stopBeat()) });
  if (settings === null) return null;
  const { metadata, resync_s } = config.network;
  const nova = novaSettings(config);
  const ovn = await startOvn({ store, clock, log, settings, resyncMs: resync_s * 1000, metadata });
  shutdown.add({ name: 'networks', order: 24, timeoutMs: STOP_MS, stop: () => ovn.stop() });
  if (metadata) {
    const switchDb = ovn.remotes.switch ?? config.network.metadata_switch;
    const service = new MetadataService({ store, clock, log, instances: parts.instances, nova, switchDb });
    // Before OVN: its places are ports of the switch.
    shutdown.add({ name: 'metadata', order: 23, timeoutMs: STOP_MS, stop: () => service.stop() });
    service.start();
  }
  return ovn;
}

/** The Nova that has the instances of virtual machines; null without one. Throws `ConfigInvalid`. */
function novaSettings({ network }: Config): NovaSettings | null {
  const { nova_metadata_url: url, nova_metadata_secret: secret } = network;
  if ((url === null) !== (secret === null))
    throw invalid('network.nova_metadata_url and network.nova_metadata_secret go together');
  return url === null || secret === null ? null : { url, secret };
}

/** Shows this conductor in the Network API's list of agents, as whoever drives ports of machines is shown there. */
function sayConductor({ store, clock, log, config }: NetworkParts): () => void {
  const say = () => {
    const facts = { 'bridge-mappings': config.network.bridge_mappings, ovn: config.network.ovn };
    beatConductor(store, conductorHost(config), facts).catch((error: unknown) =>
      log.debug({ err: error }, 'this conductor could not be written into the list of agents'),
    );
  };
  say();
  return clock.every(BEAT_MS, say);
}

const invalid = (why: string) => new IngotError('ConfigInvalid', 500, why);

/** What the Network API is told. Throws `ConfigInvalid`. */
export function networkSettings({ api, network }: Config): NetworkConfig {
  const overlay = readSpan(network.overlay_ids);
  if (overlay === null || overlay.first < 1 || overlay.last > 16_777_215)
    throw invalid('network.overlay_ids must be FIRST-LAST, from 1 to 16777215');
  const physical = network.physical_networks.map((text) => readPhysicalNetwork(text, network.mtu));
  const twice = physical.find(([name], at) => physical.findIndex(([other]) => other === name) !== at);
  if (twice !== undefined) throw invalid(`network.physical_networks names ${twice[0]} twice`);
  return {
    ...DEFAULT_NETWORK_CONFIG,
    physicalNetworks: new Map(physical),
    tenantTypes: network.tenant_types as NetworkConfig['tenantTypes'],
    overlayIds: overlay,
    pathMtu: network.mtu,
    macBase: network.mac_base,
    quotas: new Map(network.quotas.map(readQuota)),
    maxLimit: api.max_limit,
    strictSecurityGroups: network.strict_security_groups,
  };
}

/** `rack1:9000:100-199,300-349` */
function readPhysicalNetwork(
  text: string,
  usual: number,
): [string, { mtu: number; vlans: { first: number; last: number }[] }] {
  const [, name, mtu, vlans = ''] = /^([A-Za-z0-9_.-]+)(?::(\d{3,5}))?(?::([\d,-]+))?$/.exec(text) ?? [];
  const spans = vlans === '' ? [] : vlans.split(',').map(readSpan);
  const good = spans.every((span) => span !== null && span.first >= 1 && span.last <= 4094);
  if (name === undefined || !good)
    throw invalid(`network.physical_networks: "${text}" is not name, name:MTU or name:MTU:VLANs`);
  return [name, { mtu: mtu === undefined ? usual : Number(mtu), vlans: spans.filter((span) => span !== null) }];
}

/** `100-199`, or one number. */
function readSpan(text: string): { first: number; last: number } | null {
  const [, first, last] = /^(\d{1,8})(?:-(\d{1,8}))?$/.exec(text) ?? [];
  if (first === undefined) return null;
  const span = { first: Number(first), last: Number(last ?? first) };
  return span.first <= span.last ? span : null;
}

function readQuota(text: string): [string, number] {
  const [, name, number] = /^([a-z_]+)=(-1|\d{1,9})$/.exec(text) ?? [];
  if (name === undefined) throw invalid(`network.quotas: "${text}" is not resource=number`);
  return [name, Number(number)];
}

/** What OVN is told. Throws `ConfigInvalid` for settings that do not go together. */
export function ovnSettings(config: Config): OvnSettings | null {
  const { network, general } = config;
  switch (network.ovn) {
    case 'off':
      return null;
    case 'join': {
      if (network.ovn_nb === null) throw invalid('network.ovn = "join" needs network.ovn_nb');
      const { ovn_ca: ca, ovn_cert: cert, ovn_key: key } = network;
      const files = ca === null || cert === null || key === null ? null : { ca, cert, key };
      if (files === null && `${network.ovn_nb},${network.ovn_sb ?? ''}`.includes('ssl:')) {
        throw invalid('ssl: databases of OVN need network.ovn_ca, ovn_cert and ovn_key');
      }
      return { kind: 'join', northbound: network.ovn_nb, southbound: network.ovn_sb, tls: files };
    }
    case 'own':
      return {
        kind: 'own',
        dir: join(general.data_dir, 'ovn'),
        chassis: conductorHost(config),
        bridges: new Map(network.bridge_mappings.map(readMapping)),
        encapIp: network.encap_ip,
      };
  }

  function readMapping(text: string): [string, string] {
    const found = /^([A-Za-z0-9_.-]+):([A-Za-z0-9_.-]{1,15})$/.exec(text);
    if (found === null) throw invalid(`network.bridge_mappings: "${text}" is not network:bridge`);
    return [found[1] as string, found[2] as string];
  }
}
