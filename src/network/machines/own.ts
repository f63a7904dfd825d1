import type {
  CableEnd,
  Connection,
  FlipOptions,
  MachineIdentity,
  MachineNetworks,
  MachinePlace,
  Neighbour,
  Plug,
} from '#contracts/network';
import type { SwitchSummary } from '#contracts/switches';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { isUuid } from '#kernel/ids';
import type { Random } from '#kernel/random';
import { errors } from '../errors.ts';
import { networksNamed, vifRow } from '../store/bindings.ts';
import { dropMachineMarks, markedMachines, markRemotes } from '../store/machine-marks.ts';
import {
  boundTo,
  forgetMachine,
  type Holder,
  holdMachine,
  keepNeighbours,
  letGoOf,
  machinesWithLinks,
} from '../store/machines.ts';
import { readTruth } from '../store/truth.ts';
import { type BindingConfig, type BindingParts, bindPlugs, bindSubports, unbindOthers } from './binding.ts';
import { type BoundPort, linkKey } from './bound.ts';
import { enforcementOf } from './enforcement.ts';
import { Switching, type SwitchingParts } from './switching.ts';

export interface MachinesConfig extends BindingConfig {
  flatVlans: SwitchingParts['config']['flatVlans'];
  /** Bind no tenant's port whose rules cannot all be enforced. */
  strict: boolean;
  /** How long switches may take for one flip. */
  deadlineMs: number;
  /** First bytes of addresses given to ports. */
  macBase: string;
}

export interface MachinesParts extends SwitchingParts {
  clock: Clock;
  random: Random;
  config: MachinesConfig;
}

/** Undoing what failed may take this long, whatever the time left for the flip. */
const UNDO_MS = 20_000;
const HOLD_POLL_MS = 50;
/** What a flip does besides waiting for switches takes less. */
const HOLD_MORE_MS = 15_000;

/** The network room, as bare metal asks it: ports are bound in the database, and switches follow. */
export class OwnMachineNetworks implements MachineNetworks {
  readonly name = 'own';
  readonly #parts: MachinesParts;
  readonly #binding: BindingParts;
  readonly #switching: Switching;

  constructor(parts: MachinesParts) {
    this.#parts = parts;
    this.#switching = new Switching(parts);
    const { random, config } = parts;
    const newMac = () =>
      [config.macBase, ...[...random.bytes(3)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
    this.#binding = { config, newMac };
  }

  async network(ident: string): Promise<{ id: string; name: string }> {
    const found = await networksNamed(this.#parts.store, ident);
    const [first] = found;
    if (first === undefined) throw errors.NetworkUnknown(ident, 'does not exist');
    if (found.length > 1 && first.id !== ident.toLowerCase()) {
      throw errors.NetworkUnknown(ident, 'is the name of several networks; say its id');
    }
    return first;
  }

  async vif(id: string) {
    const { store } = this.#parts;
    const row = isUuid(id) ? await vifRow(store, id) : undefined;
    if (row === undefined) throw errors.VifUnknown(id);
    const { networks } = await readTruth(store, { network: new Set([row.networkId]) });
    const segments = networks.get(row.networkId)?.segments ?? [];
    const physical = segments.flatMap((one) =>
      one.dynamic || one.physicalNetwork === null ? [] : one.physicalNetwork,
    );
    return { id: row.id, network: row.networkId, physicalNetworks: [...new Set(physical)] };
  }

  async connections(machine: string): Promise<readonly Connection[]> {
    return (await boundTo(this.#parts.store, machine)).map(connectionOf);
  }

  async connect(
    machine: MachineIdentity,
    plugs: readonly Plug[],
    options: FlipOptions,
  ): Promise<readonly Connection[]> {
    const switches = await this.#switching.switchesOf(plugs);
    const holder: Holder = `flip ${machine.fence}`;
    await this.#hold(machine, holder, options.signal);
    try {
      await this.#connect(machine, plugs, options, switches);
    } finally {
      await letGoOf(this.#parts.store, machine.uuid, holder);
    }
    return await this.connections(machine.uuid);
  }

  async #connect(
    machine: MachineIdentity,
    plugs: readonly Plug[],
    options: FlipOptions,
    switches: ReadonlyMap<string, SwitchSummary>,
  ): Promise<void> {
    const { store, config } = this.#parts;
    options.assertMayWrite();
    const { wanted, kept } = await store.tx((tx) => unbindOthers(tx, this.#binding, machine, plugs));
    // Between two networks a place is on none, and is seen to be: also after a crash that came before a switch was told.
    await this.#switching.settle(machine, options, 'leave the network before', config.deadlineMs);
    if (wanted.length === 0) return;
    const physicalNetworkOf = ({ links }: MachinePlace) =>
      links.map((link) => switches.get(linkKey(link))?.physicalNetwork ?? null).find((name) => name !== null) ?? null;
    try {
      options.assertMayWrite();
      await store.tx((tx) => bindPlugs(tx, this.#binding, machine, wanted, physicalNetworkOf));
      await this.#refuseUnenforced(machine.uuid, async ({ place: bound }) => {
        const link = plugs.find(({ place }) => place.id === bound)?.place.links[0];
        return link === undefined ? null : (switches.get(linkKey(link))?.abilities ?? null);
      });
      await this.#switching.settle(machine, options, `enter ${namesOf(wanted)}`, config.deadlineMs);
    } catch (error) {
      await this.#undo(machine, kept, options, error);
      throw error;
    }
  }

  async cutsLinks(cables: readonly CableEnd[]): Promise<boolean> {
    const found = await Promise.all(cables.map((cable) => this.#switching.switchAt(cable)));
    return found.length > 0 && found.every((one) => one?.abilities.cutsLinks === true);
  }

  async forget(machine: string): Promise<void> {
    const { store } = this.#parts;
    const gone = { uuid: machine, instanceUuid: null, fence: LAST_FENCE, cables: [] };
    await store.tx((tx) => unbindOthers(tx, this.#binding, gone, []));
    await this.#switching.release(machine, UNDO_MS);
    await store.tx((tx) => forgetMachine(tx, machine));
  }

  async neighbours(machine: string, heard: readonly Neighbour[]): Promise<void> {
    await this.#parts.store.tx((tx) => keepNeighbours(tx, machine, heard));
  }

  /**
   * Asks switches anew where they were asked for something else than what is bound: rules of security groups, subports
   * of trunks, a crash between the two. Machines that are being moved are left to who moves them. Gives how many were
   * mended.
   */
  async reconcile(signal: AbortSignal, name: string, owns: (machine: string) => boolean = () => true): Promise<number> {
    let mended = 0;
    for (const machine of await machinesWithLinks(this.#parts.store)) {
      signal.throwIfAborted();
      if (owns(machine) && (await this.#mend(machine, signal, name)) === 'mended') mended++;
    }
    return mended;
  }

  /** The same for machines of which something changed. */
  async reconcileMarked(signal: AbortSignal, name: string): Promise<number> {
    const { store } = this.#parts;
    let mended = 0;
    await markRemotes(store);
    for (const { machine, seqs } of await markedMachines(store)) {
      signal.throwIfAborted();
      const came = await this.#mend(machine, signal, name);
      // One that is being moved keeps its mark for the next time.
      if (came === 'not now') continue;
      if (came === 'mended') mended++;
      await dropMachineMarks(store, seqs);
    }
    return mended;
  }

  /** Makes the switches carry what is bound to a machine, and says so only then. Throws what is in the way. */
  async settle(machine: string, name: string): Promise<void> {
    const { store, clock, config } = this.#parts;
    const signal = AbortSignal.timeout(config.deadlineMs);
    const holder: Holder = `reconcile ${name}`;
    while (!(await holdMachine(store, machine, holder, config.deadlineMs + HOLD_MORE_MS))) {
      await clock.sleep(HOLD_POLL_MS, signal);
    }
    try {
      await store.tx((tx) => bindSubports(tx, this.#binding, machine));
      await this.#refuseUnenforced(machine, async ({ links: [link] }) =>
        link === undefined ? null : ((await this.#switching.switchAt(link))?.abilities ?? null),
      );
      await this.#switching.mend(machine, signal);
    } finally {
      await letGoOf(store, machine, holder);
    }
  }

  async #mend(machine: string, signal: AbortSignal, name: string): Promise<'mended' | 'same' | 'failed' | 'not now'> {
    const { store, log, config } = this.#parts;
    const holder: Holder = `reconcile ${name}`;
    if (!(await holdMachine(store, machine, holder, config.deadlineMs + HOLD_MORE_MS))) return 'not now';
    try {
      await store.tx((tx) => bindSubports(tx, this.#binding, machine));
      return (await this.#switching.mend(machine, signal)) ? 'mended' : 'same';
    } catch (error) {
      log.warn({ machine, err: messageOf(error) }, 'the switch ports of a machine are not as its networks want them');
      // Tried again when everything is compared: what was asked for is kept with the switch in any case.
      return 'failed';
    } finally {
      await letGoOf(store, machine, holder);
    }
  }

  /** Waits for the reconciler to let go of the machine. */
  async #hold(machine: MachineIdentity, holder: Holder, signal: AbortSignal): Promise<void> {
    const { store, clock, config } = this.#parts;
    const ms = 3 * (config.deadlineMs + HOLD_MORE_MS);
    while (!(await holdMachine(store, machine.uuid, holder, ms, machine.fence)))
      await clock.sleep(HOLD_POLL_MS, signal);
  }

  /** What was new does not stay after a failure: the truth says so at once, and the switches as soon as they can. */
  async #undo(machine: MachineIdentity, kept: readonly Plug[], options: FlipOptions, why: unknown): Promise<void> {
    const { store, log } = this.#parts;
    // Throws when this conductor may not act any more: whoever may begins by undoing.
    options.assertMayWrite();
    log.warn({ machine: machine.uuid, err: messageOf(why) }, 'a machine could not be connected, and is put back');
    try {
      await store.tx((tx) => unbindOthers(tx, this.#binding, machine, kept));
      await this.#switching.settle(machine, options, 'go back', UNDO_MS);
    } catch (error) {
      log.warn({ machine: machine.uuid, err: messageOf(error) }, 'its switch ports could not be read back as shut');
    }
  }

  /** Strict: a tenant's port whose rules do not hold is not connected. */
  async #refuseUnenforced(
    machine: string,
    abilitiesFor: (port: BoundPort) => Promise<SwitchSummary['abilities'] | null>,
  ): Promise<void> {
    for (const port of await boundTo(this.#parts.store, machine)) {
      if (port.purpose !== null || !(port.strict ?? this.#parts.config.strict)) continue;
      const abilities = await abilitiesFor(port);
      const all = enforcementOf({ ...port, machine: true, bound: true, abilities });
      const loose = all.filter(({ enforcement }) => enforcement === 'none');
      const [first] = loose;
      if (first === undefined) continue;
      throw errors.VifCannot(
        port.id,
        `its security groups are strict, and ${loose.length} of their rules would not hold (${first.rule}: ${first.why})`,
      );
    }
  }
}

/** Above all that leases give: nobody acts on a machine that is forgotten. */
const LAST_FENCE = 9_000_000_000_000_000_000n;

function connectionOf(port: BoundPort): Connection {
  const { id, purpose, networkId, place, mac, status, vifType } = port;
  const kind = purpose === null ? 'vif' : 'service';
  return { vif: id, kind, purpose, network: networkId, place, mac, status, vifType };
}

const namesOf = (plugs: readonly Plug[]): string =>
  [...new Set(plugs.map((plug) => (plug.kind === 'vif' ? 'the tenant network' : `the ${plug.purpose} network`)))].join(
    ' and ',
  );
