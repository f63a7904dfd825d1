import { join } from 'node:path';
import { IngotError } from '#kernel/errors';
import type { Clock } from '#kernel/clock';
import { type Ovn, type OvnSettings, startOvn } from '#network/ovn/index';
import type { Log } from '#platform/log';
import type { Config } from '#platform/settings';
import type { Shutdown } from '#platform/shutdown';
import type { Store } from '#store/contract';
import { conductorHost } from './room-settings.ts';

const STOP_MS = 15_000;

interface NetworkParts {
  store: Store;
  clock: Clock;
  log: Log;
  config: Config;
  shutdown: Shutdown;
}

/** Starts what carries tenants' networks; null when the settings say that nothing does. */
export async function startNetworks(parts: NetworkParts): Promise<Ovn | null> {
  const { store, clock, log, config, shutdown } = parts;
  const settings = ovnSettings(config);
  if (settings === null) return null;
  const ovn = await startOvn({ store, clock, log, settings, resyncMs: config.network.resync_s * 1000 });
  shutdown.add({ name: 'networks', order: 24, timeoutMs: STOP_MS, stop: () => ovn.stop() });
  return ovn;
}

/** What OVN is told. Throws `ConfigInvalid` for settings that do not go together. */
export function ovnSettings(config: Config): OvnSettings | null {
  const { network, general } = config;
  const invalid = (why: string) => new IngotError('ConfigInvalid', 500, why);
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
