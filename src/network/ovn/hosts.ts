import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { OvsdbClient, Row, Wanted } from '#protocols/ovsdb/index';
import type { Chassis } from '../model/truth.ts';

/** What the southbound cache holds. */
export const SB_TABLES: Wanted = {
  Chassis: ['name', 'hostname', 'external_ids', 'other_config'],
  Chassis_Private: ['name', 'nb_cfg'],
};

export interface HostsOptions {
  nb: OvsdbClient;
  sb: OvsdbClient;
  clock: Clock;
  log: Log;
  /** Every chassis is asked for a sign of life this often. */
  beatMs: number;
  /** Chassis came, went, died, or say something else of themselves. */
  onChange(chassis: readonly Chassis[]): void;
}

/**
 * Knows the hosts that carry networks, and which of them live. OVN's own word for that is a counter: it is raised in
 * the northbound database, and each controller writes down the last it has seen.
 */
export class Hosts {
  readonly #options: HostsOptions;
  readonly #ways: (() => void)[] = [];
  /** Counter → when it was raised. */
  readonly #raised = new Map<number, number>();
  #chassis: readonly Chassis[] = [];
  #text = '';

  constructor(options: HostsOptions) {
    this.#options = options;
  }

  start(): void {
    const { sb, clock, beatMs } = this.#options;
    this.#ways.push(
      sb.onChange(() => this.#look()),
      clock.every(beatMs, () => void this.#beat()),
    );
    this.#look();
  }

  stop(): void {
    for (const way of this.#ways.splice(0)) way();
  }

  list(): readonly Chassis[] {
    return this.#chassis;
  }

  async #beat(): Promise<void> {
    const { nb, clock, log } = this.#options;
    this.#look();
    if (!nb.locked) return;
    const [global] = nb.cache.table('NB_Global').values();
    const next = Number(global?.['nb_cfg'] ?? 0) + 1;
    try {
      await nb.transact([{ op: 'update', table: 'NB_Global', where: [], row: { nb_cfg: next } }]);
      this.#raised.set(next, clock.monotonic());
      for (const old of this.#raised.keys()) if (old < next - 100) this.#raised.delete(old);
    } catch (error) {
      log.debug({ err: error }, 'OVN could not be asked who lives');
    }
  }

  #look(): void {
    const { sb } = this.#options;
    // Without a connection nothing is known; what was known last is the best there is.
    if (!sb.connected && this.#chassis.length > 0) return;
    const seen = new Map<unknown, number>();
    for (const row of sb.cache.table('Chassis_Private').values()) seen.set(row['name'], Number(row['nb_cfg']));
    const chassis = [...sb.cache.table('Chassis').values()]
      .map((row) => readChassis(row, this.#lives(seen.get(row['name']))))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const text = JSON.stringify(chassis);
    if (text === this.#text) return;
    this.#text = text;
    this.#chassis = chassis;
    this.#options.onChange(chassis);
  }

  /** A chassis that has not answered a call made three beats ago, nor any since, counts as dead. */
  #lives(answered: number | undefined): boolean {
    if (answered === undefined) return true;
    const { clock, beatMs } = this.#options;
    for (const [call, at] of this.#raised) {
      if (call > answered && clock.monotonic() - at > 3 * beatMs) return false;
    }
    return true;
  }
}

function readChassis(row: Row, alive: boolean): Chassis {
  const config = new Map([
    ...(row['external_ids'] as ReadonlyMap<string, string>),
    ...(row['other_config'] as ReadonlyMap<string, string>),
  ]);
  const list = (name: string, by: string) => (config.get(name) ?? '').split(by).filter((part) => part !== '');
  const options = list('ovn-cms-options', ',');
  return {
    name: String(row['name']),
    hostname: String(row['hostname']),
    gateway: options.includes('enable-chassis-as-gw'),
    physicalNetworks: list('ovn-bridge-mappings', ',').map((pair) => pair.split(':')[0] as string),
    zones: options
      .filter((option) => option.startsWith('availability-zones='))
      .flatMap((option) => option.slice('availability-zones='.length).split(':')),
    alive,
  };
}
