import { isDeepStrictEqual } from 'node:util';
import type { CableEnd, FlipOptions, MachineIdentity, Plug } from '#contracts/network';
import type { PortPlan, PortReport, PortWish, SwitchService, SwitchSummary } from '#contracts/switches';
import { IngotError, messageOf } from '#kernel/errors';
import type { Log } from '#platform/log';
import type { Store } from '#store/contract';
import { errors } from '../errors.ts';
import { PORT_TOPIC } from '../ovn/port-states.ts';
import { writeMachineStates } from '../store/bindings.ts';
import { boundTo, dropLinks, type MachineLink, machineLinks } from '../store/machines.ts';
import { type BoundPort, linkKey } from './bound.ts';
import { filtersOf } from './enforcement.ts';
import { type FlatVlans, planLink } from './plans.ts';

export interface SwitchingParts {
  store: Store;
  /** The switches; undefined while no switch can be moved. */
  switches(): SwitchService | undefined;
  log: Log;
  config: { flatVlans: FlatVlans; deadlineMs: number };
}

const NO_ABILITIES = { lag: false, mlag: false, mtu: false, edge: false, storm: false, acl: [] } as const;

const linkOf = ({ switchId, portId, switchInfo }: CableEnd) => ({
  switchId,
  portId,
  ...(switchInfo === null ? {} : { switchInfo }),
});

/** Makes switches carry what is bound to machines. */
export class Switching {
  readonly #parts: SwitchingParts;

  constructor(parts: SwitchingParts) {
    this.#parts = parts;
  }

  /** The switches of all cables of the plugs. Throws when one is not known: nothing could hold its ports. */
  async switchesOf(plugs: readonly Plug[]): Promise<Map<string, SwitchSummary>> {
    const found = new Map<string, SwitchSummary>();
    for (const { place } of plugs) {
      for (const link of place.links) {
        const one = (await this.#parts.switches()?.findSwitch(linkOf(link))) ?? null;
        if (one === null)
          throw errors.VifCannot(
            place.id,
            `its cable ends at ${linkText(link)}, a switch that is not known; see: ingot switch add`,
          );
        found.set(linkKey(link), one);
      }
    }
    return found;
  }

  /** The switch a cable ends at; null when it is not known. */
  async switchAt(link: CableEnd): Promise<SwitchSummary | null> {
    return (await this.#parts.switches()?.findSwitch(linkOf(link))) ?? null;
  }

  /** Makes the switch ports of a machine carry what is bound to it, and reads them back: then its ports are ACTIVE. */
  async settle(machine: MachineIdentity, options: FlipOptions, step: string, deadlineMs: number): Promise<void> {
    const { store } = this.#parts;
    const switches = this.#parts.switches();
    try {
      const { wishes, ports, stale } = await this.#wishes(machine.uuid, machine.cables);
      if (wishes.length > 0) {
        if (switches === undefined) throw errors.VifCannot(machine.uuid, 'no switch is known');
        options.assertMayWrite();
        await switches.applyPorts(wishes, { deadlineMs, signal: options.signal });
      }
      if (stale.length > 0) await store.tx((tx) => dropLinks(tx, machine.uuid, stale));
      await this.#active(ports);
    } catch (error) {
      options.signal.throwIfAborted();
      throw errors.NetworkFlipFailed(machine.uuid, step, messageOf(error), { cause: error, ...reportsOf(error) });
    }
  }

  /** Asks switches anew where they were asked for something else than what is bound now. True when they were. */
  async mend(machine: string, signal: AbortSignal): Promise<boolean> {
    const { config } = this.#parts;
    const switches = this.#parts.switches();
    if (switches === undefined) return false;
    const { wishes, ports } = await this.#wishes(machine, null);
    const known = await switches.knownPorts(wishes.map(({ link }) => link));
    const same = wishes.every(({ plan }, i) => samePlan(plan, known[i]?.plan ?? null));
    if (same) return false;
    await switches.applyPorts(wishes, { deadlineMs: config.deadlineMs, signal });
    await this.#active(ports);
    return true;
  }

  /** Its switch ports are no longer looked after. */
  async release(machine: string, deadlineMs: number): Promise<void> {
    const { store, log } = this.#parts;
    const switches = this.#parts.switches();
    const links = await machineLinks(store, machine);
    if (switches === undefined || links.length === 0) return;
    const wishes = links.map((link): PortWish => ({ link: linkOf(link), plan: null, owner: `machine ${machine}` }));
    await switches.applyPorts(wishes, { deadlineMs }).catch((error: unknown) => {
      log.warn({ machine, err: messageOf(error) }, 'switch ports of a machine that is gone are still looked after');
    });
  }

  /**
   * What the switch ports of a machine shall carry. `cables`: all it has; ports of other cables are let go. Throws
   * `VifCannot` for what cannot be.
   */
  async #wishes(
    machine: string,
    cables: readonly CableEnd[] | null,
  ): Promise<{ wishes: PortWish[]; ports: BoundPort[]; stale: MachineLink[] }> {
    const { store, config } = this.#parts;
    const switches = this.#parts.switches();
    const ports = await boundTo(store, machine);
    const owner = `machine ${machine}`;
    const used = new Set([...(cables ?? []), ...ports.flatMap(({ links }) => links)].map(linkKey));
    const wishes: PortWish[] = [];
    const stale: MachineLink[] = [];
    for (const link of await machineLinks(store, machine)) {
      const found = (await switches?.findSwitch(linkOf(link))) ?? null;
      if (cables !== null && !used.has(linkKey(link))) {
        stale.push(link);
        if (found !== null) wishes.push({ link: linkOf(link), plan: null, owner });
        continue;
      }
      // A cable to a switch nobody drives: what needs it was refused before.
      if (found === null && !ports.some(({ links }) => links.some((one) => linkKey(one) === linkKey(link)))) continue;
      const abilities = found?.abilities ?? NO_ABILITIES;
      const made = planLink(link, { machine, ports, flatVlans: config.flatVlans, abilities, acl: filtersOf });
      if ('why' in made) throw errors.VifCannot(linkText(link), made.why);
      wishes.push({ link: linkOf(link), plan: made.plan, owner });
    }
    return { wishes, ports, stale };
  }

  async #active(ports: readonly BoundPort[]): Promise<void> {
    const { store } = this.#parts;
    const all = ports.flatMap(({ id, subports }) => [id, ...subports.map(({ portId }) => portId)]);
    const changed = await writeMachineStates(store, all, 'ACTIVE');
    if (changed.length > 0) store.changes.announce(PORT_TOPIC, ...changed);
  }
}

const linkText = ({ switchId, portId, switchInfo }: CableEnd): string =>
  `${switchInfo === null ? switchId : `${switchInfo} (${switchId})`} port ${portId}`;

/** What switches said of each port, for whoever reads the error as JSON. */
function reportsOf(error: unknown): { details?: Record<string, unknown> } {
  const ports = error instanceof IngotError ? (error.details?.['ports'] as PortReport[] | undefined) : undefined;
  return ports === undefined ? {} : { details: { ports } };
}

/** Do both say the same of what machines notice? The room of switches keeps plans in its own words. */
function samePlan(a: PortPlan | null, b: PortPlan | null): boolean {
  const said = (plan: PortPlan | null) =>
    plan === null
      ? null
      : {
          vlans: plan.vlans,
          lag: plan.lag == null ? null : { ...plan.lag, mlag: plan.lag.mlag ?? false },
          isolated: plan.isolated ?? false,
          acl: plan.acl == null ? null : { stateful: false, guard: null, ...plan.acl },
        };
  return isDeepStrictEqual(said(a), said(b));
}
