import type {
  Connection,
  FlipOptions,
  MachineIdentity,
  MachineNetworks,
  Neighbour,
  Plug,
  VifFacts,
} from '#contracts/network';
import type { Clock } from '#kernel/clock';
import { IngotError, messageOf } from '#kernel/errors';
import { isUuid } from '#kernel/ids';
import type { Log } from '#platform/log';
import type { NeutronClient, NeutronObject } from '#protocols/neutron/client';
import type { Store } from '#store/contract';
import { errors } from '../errors.ts';
import { keepNeighbours, takeMachine } from '../store/machines.ts';
import { bindBody, connectionOf, holds, type NeutronPort, ownPort, serviceBody } from './ports.ts';

export interface JoinedParts {
  neutron: NeutronClient;
  /** Who may act on a machine, and what inspections heard, are ours to keep. */
  store: Store;
  clock: Clock;
  log: Log;
  config: {
    /** How long a binding may take to show. */
    deadlineMs: number;
    /** A port Neutron could not bind ends the operation. */
    failOnBindingFailure: boolean;
    /** Bound is not enough: the port must be ACTIVE, which is when the switch was told. */
    waitActive: boolean;
  };
}

const POLL_MS = 300;
const UNDO_MS = 20_000;

/** An existing Neutron, as bare metal asks it. Its mechanism drivers move the switches. */
export class JoinedNeutron implements MachineNetworks {
  readonly name: string;
  readonly #parts: JoinedParts;

  constructor(parts: JoinedParts) {
    this.#parts = parts;
    this.name = `neutron at ${parts.neutron.url}`;
  }

  async network(ident: string, signal: AbortSignal): Promise<{ id: string; name: string }> {
    const { neutron } = this.#parts;
    const named = async (query: Record<string, string>) =>
      (await neutron.list('networks', { ...query, fields: 'id' }, signal)).map((one) => ({
        id: String(one['id']),
        name: ident,
      }));
    const byId = isUuid(ident) ? await named({ id: ident.toLowerCase() }) : [];
    const found = byId.length > 0 ? byId : await named({ name: ident });
    const [first] = found;
    if (first === undefined) throw errors.NetworkUnknown(ident, 'does not exist');
    if (found.length > 1) throw errors.NetworkUnknown(ident, 'is the name of several networks; say its id');
    return first;
  }

  async vif(id: string, signal: AbortSignal): Promise<VifFacts> {
    const { neutron } = this.#parts;
    const port = isUuid(id) ? await neutron.show('ports', id, signal) : null;
    if (port === null) throw errors.VifUnknown(id);
    const network = String(port['network_id']);
    const facts = (await neutron.show('networks', network, signal)) ?? {};
    const segments = Array.isArray(facts['segments']) ? (facts['segments'] as NeutronObject[]) : [facts];
    const physical = segments.flatMap((one) => {
      const name = one['provider:physical_network'];
      return typeof name === 'string' && name !== '' ? [name] : [];
    });
    return { id, network, physicalNetworks: [...new Set(physical)] };
  }

  async connections(machine: string, signal: AbortSignal): Promise<readonly Connection[]> {
    return (await this.#bound(machine, signal)).map((port) => connectionOf(port, null));
  }

  async connect(
    machine: MachineIdentity,
    plugs: readonly Plug[],
    options: FlipOptions,
  ): Promise<readonly Connection[]> {
    const { store, log } = this.#parts;
    const { signal } = options;
    options.assertMayWrite();
    if (!(await takeMachine(store, machine.uuid, machine.fence))) throw errors.LaterOwner(machine.uuid);
    const bound = await this.#bound(machine.uuid, signal);
    const kept = new Map<Plug, NeutronPort>();
    for (const plug of plugs) {
      const found = bound.find((port) => ![...kept.values()].includes(port) && holds(port, plug));
      if (found !== undefined) kept.set(plug, found);
    }
    const gone = bound.filter((port) => ![...kept.values()].includes(port));
    await this.#step(machine, 'leave the network before', signal, async () => {
      await this.#remove(gone, options);
      await this.#seenGone(machine.uuid, gone, signal);
    });
    const made: NeutronPort[] = [];
    try {
      await this.#step(machine, `enter ${namesOf(plugs)}`, signal, async () => {
        for (const plug of plugs) if (!kept.has(plug)) made.push(await this.#add(machine, plug, options));
        await this.#seenBound([...kept.values(), ...made], signal);
      });
    } catch (error) {
      options.assertMayWrite();
      log.warn({ machine: machine.uuid, err: messageOf(error) }, 'a machine could not be connected, and is put back');
      await this.#remove(made, { ...options, signal: AbortSignal.timeout(UNDO_MS) }).catch((cause: unknown) => {
        log.warn({ machine: machine.uuid, err: messageOf(cause) }, 'its ports could not be unbound');
      });
      throw error;
    }
    const placed = new Map(plugs.flatMap((plug) => (plug.kind === 'vif' ? [[plug.vif, plug.place.id] as const] : [])));
    return (await this.#bound(machine.uuid, signal)).map((port) => connectionOf(port, placed.get(port.id) ?? null));
  }

  async forget(machine: string, signal: AbortSignal): Promise<void> {
    const bound = await this.#bound(machine, signal);
    await this.#remove(bound, { signal, assertMayWrite: () => {} });
  }

  async neighbours(machine: string, heard: readonly Neighbour[]): Promise<void> {
    await this.#parts.store.tx((tx) => keepNeighbours(tx, machine, heard));
  }

  async #bound(machine: string, signal: AbortSignal): Promise<NeutronPort[]> {
    const found = await this.#parts.neutron.list('ports', { 'binding:host_id': machine }, signal);
    // Subports of a trunk are bound to its host as well: they come and go with their parent.
    return (found as unknown as NeutronPort[]).filter((port) => port.device_owner !== 'trunk:subport');
  }

  async #add(machine: MachineIdentity, plug: Plug, { signal, assertMayWrite }: FlipOptions): Promise<NeutronPort> {
    const { neutron } = this.#parts;
    assertMayWrite();
    if (plug.kind === 'service') {
      return (await neutron.create('ports', serviceBody(machine, plug), signal)) as unknown as NeutronPort;
    }
    const now = (await neutron.show('ports', plug.vif, signal)) as unknown as NeutronPort | null;
    if (now === null) throw errors.VifUnknown(plug.vif);
    const host = now['binding:host_id'];
    if (host !== '' && host !== machine.uuid) throw errors.VifCannot(plug.vif, `it is bound to ${host} already`);
    // One that Neutron failed to bind before is tried anew only when it is unbound in between.
    if (now['binding:vif_type'] === 'binding_failed') await neutron.update('ports', plug.vif, UNBOUND, signal);
    assertMayWrite();
    return (await neutron.update('ports', plug.vif, bindBody(machine, plug), signal)) as unknown as NeutronPort;
  }

  async #remove(gone: readonly NeutronPort[], { signal, assertMayWrite }: FlipOptions): Promise<void> {
    const { neutron, log } = this.#parts;
    for (const port of gone) {
      assertMayWrite();
      if (ownPort(port) !== null) {
        await neutron.remove('ports', port.id, signal);
        continue;
      }
      try {
        await neutron.update('ports', port.id, UNBOUND, signal);
      } catch (error) {
        if (statusOf(error) === 404) continue;
        throw error;
      }
      // Another machine may get this NIC's address later; Neutrons before 2019 give none by themselves.
      await neutron.update('ports', port.id, { mac_address: null }, signal).catch((error: unknown) => {
        log.info({ port: port.id, err: messageOf(error) }, 'an unbound port keeps the address of the NIC');
      });
    }
  }

  async #seenGone(machine: string, gone: readonly NeutronPort[], signal: AbortSignal): Promise<void> {
    await this.#until(signal, async () => {
      if (gone.length === 0) return null;
      const left = (await this.#bound(machine, signal)).filter(({ id }) => gone.some((port) => port.id === id));
      return left.length === 0 ? null : `port ${left[0]?.id} is still bound`;
    });
  }

  async #seenBound(ports: readonly NeutronPort[], signal: AbortSignal): Promise<void> {
    const { neutron, config } = this.#parts;
    for (const { id } of ports) {
      await this.#until(signal, async () => {
        const port = (await neutron.show('ports', id, signal)) as unknown as NeutronPort | null;
        if (port === null) throw errors.VifCannot(id, 'it was deleted meanwhile');
        const vifType = port['binding:vif_type'];
        if (vifType === 'binding_failed') {
          if (config.failOnBindingFailure) throw errors.VifCannot(id, 'Neutron says binding_failed');
          return null;
        }
        if (vifType === 'unbound') return `port ${id} is unbound`;
        return config.waitActive && port.status !== 'ACTIVE' ? `port ${id} is ${port.status}` : null;
      });
    }
  }

  /** Asks until there is nothing left to wait for; throws what it waited for at the deadline. */
  async #until(signal: AbortSignal, look: () => Promise<string | null>): Promise<void> {
    const { clock, config } = this.#parts;
    const end = clock.monotonic() + config.deadlineMs;
    for (;;) {
      const waits = await look();
      if (waits === null) return;
      if (clock.monotonic() > end) throw new Error(`${waits} after ${config.deadlineMs / 1000} s`);
      await clock.sleep(POLL_MS, signal);
    }
  }

  async #step(machine: MachineIdentity, step: string, signal: AbortSignal, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof IngotError && error.code === 'VifUnknown') throw error;
      throw errors.NetworkFlipFailed(machine.uuid, step, messageOf(error), { cause: error });
    }
  }
}

const UNBOUND = { 'binding:host_id': '', 'binding:profile': {} };

const statusOf = (error: unknown): unknown => (error instanceof IngotError ? error.details?.['status'] : undefined);

const namesOf = (plugs: readonly Plug[]): string =>
  [...new Set(plugs.map((plug) => (plug.kind === 'vif' ? 'the tenant network' : `the ${plug.purpose} network`)))].join(
    ' and ',
  );
