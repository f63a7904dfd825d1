import { readFile } from 'node:fs/promises';
import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import { OvsdbClient, type OvsdbStatus, type TlsKeys } from '#protocols/ovsdb/index';
import type { Store } from '#store/contract';
import type { Chassis } from '../model/truth.ts';
import { writeAgents } from '../store/agents.ts';
import { Hosts, SB_TABLES } from './hosts.ts';
import { followPortStates } from './port-states.ts';
import type { ServerStatus } from './processes/child.ts';
import { type OwnServers, startServers } from './processes/servers.ts';
import { LOCK, OvnReconciler, type OvnReconcilerStatus, TOPIC } from './reconciler.ts';
import { NB_TABLES } from './rows/wanted.ts';

/** Hosts are written into the list of agents this often, even when nothing of them changed. */
const LIST_MS = 30_000;

export type OvnSettings =
  | { kind: 'own'; dir: string; chassis: string; bridges: ReadonlyMap<string, string>; encapIp: string }
  | {
      kind: 'join';
      northbound: string;
      southbound: string | null;
      tls: { ca: string; cert: string; key: string } | null;
    };

export interface OvnParts {
  store: Store;
  clock: Clock;
  log: Log;
  settings: OvnSettings;
  resyncMs?: number;
  /** Networks have a port for the metadata service. Default no. */
  metadata?: boolean;
  /** Chassis are asked for a sign of life this often. Default five seconds. */
  beatMs?: number;
}

/** What people see of OVN. */
export interface OvnStatus {
  northbound: OvsdbStatus;
  southbound: OvsdbStatus | null;
  reconciler: OvnReconcilerStatus;
  chassis: readonly Chassis[];
  servers: readonly ServerStatus[];
}

/** OVN, carried along with the truth. */
export interface Ovn {
  /** Remotes in use, for tools and for who adds ports to the switch. */
  readonly remotes: { northbound: string; southbound: string | null; switch: string | null };
  status(): OvnStatus;
  /** Something of the truth changed; `announceChange` in a transaction says the same. */
  nudge(): void;
  /** Compares everything now. */
  resync(): void;
  /** Resolves when OVN has everything the truth says. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Call in every transaction that changes networks: OVN then hears at once. Forgetting it costs a second, no more: the
 * database marks what changed by itself.
 */
export const announceChange = (tx: { changed(topic: string, id: string): void }): void => tx.changed(TOPIC, 'ovn');

/**
 * Starts OVN's servers where they are our own, and carries the truth to it from then on. Does not wait for OVN: without
 * a connection changes wait in the database. Throws `OvnMissing`, `OvnElsewhere`, `OvnNoStart`, `OvsdbBadRemote`.
 */
export async function startOvn(parts: OvnParts): Promise<Ovn> {
  const { settings, store, clock, log } = parts;
  let servers: OwnServers | undefined;
  let tls: TlsKeys | undefined;
  if (settings.kind === 'own') servers = await startServers({ ...settings, clock, log });
  else if (settings.tls !== null) tls = await readKeys(settings.tls);
  const northbound = servers?.northbound ?? (settings.kind === 'join' ? settings.northbound : '');
  const southbound = servers?.southbound ?? (settings.kind === 'join' ? settings.southbound : null);

  const common = { clock, log, ...(tls === undefined ? {} : { tls }) };
  const nb = new OvsdbClient({
    ...common,
    remote: northbound,
    database: 'OVN_Northbound',
    tables: NB_TABLES,
    lock: LOCK,
  });
  const sb =
    southbound === null
      ? undefined
      : new OvsdbClient({
          ...common,
          remote: southbound,
          database: 'OVN_Southbound',
          tables: SB_TABLES,
          leaderOnly: false,
        });
  // Whoever carries networks to OVN keeps the list of its hosts; the others would only say the same.
  const listHosts = (chassis: readonly Chassis[]) => {
    if (!nb.locked || chassis.length === 0) return;
    writeAgents(store, chassis).catch((error: unknown) =>
      log.warn({ err: error }, 'the hosts of OVN could not be written into the list of agents'),
    );
  };
  const hosts: Hosts | undefined =
    sb === undefined
      ? undefined
      : new Hosts({
          nb,
          sb,
          clock,
          log,
          beatMs: parts.beatMs ?? 5_000,
          onChange: (chassis) => {
            reconciler
              .chassisChanged()
              .catch((error: unknown) => log.warn({ err: error }, 'a change of chassis could not be taken in'));
            listHosts(chassis);
          },
        });
  const reconciler: OvnReconciler = new OvnReconciler({
    store,
    nb,
    chassis: () => hosts?.list() ?? [],
    clock,
    log,
    metadata: parts.metadata ?? false,
    ...(parts.resyncMs === undefined ? {} : { resyncMs: parts.resyncMs }),
  });
  const stopStates = followPortStates(nb, store, clock, log);
  const list = () => listHosts(hosts?.list() ?? []);
  const stopListing = [nb.onState(list), clock.every(LIST_MS, list)];
  hosts?.start();
  reconciler.start();
  return {
    remotes: { northbound, southbound, switch: servers?.switch ?? null },
    status: () => ({
      northbound: nb.status(),
      southbound: sb?.status() ?? null,
      reconciler: reconciler.status(),
      chassis: hosts?.list() ?? [],
      servers: servers?.status() ?? [],
    }),
    nudge: () => reconciler.nudge(),
    resync: () => reconciler.resync(),
    settled: () => reconciler.settled(),
    async stop() {
      for (const stopOne of stopListing) stopOne();
      hosts?.stop();
      stopStates();
      await reconciler.stop();
      await Promise.all([nb.close(), sb?.close()]);
      await servers?.stop();
    },
  };
}

async function readKeys(files: { ca: string; cert: string; key: string }): Promise<TlsKeys> {
  const [ca, cert, key] = await Promise.all([readFile(files.ca), readFile(files.cert), readFile(files.key)]);
  return { ca, cert, key };
}
