import type { BootService } from '#contracts/boot';
import type { ImageService } from '#contracts/image';
import type { ConsoleMachines, ConsoleWords } from '#contracts/console';
import type { InstanceFiles } from '#contracts/metadata';
import type { MachineNetworks } from '#contracts/network';
import type { Quotas } from '#contracts/quota';
import type { Door } from '#http/contract';
import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { Sealer, Store } from '#store/contract';
import type { Json, WorkRuntime } from '#work/contract';
import { AgentNetworks } from '#protocols/agent/address';
import { AgentHttp } from '#protocols/agent/client';
import { createBaremetalDoor, createRamdiskDoor } from './api/door.ts';
import { createContinueDoor, createIntrospectionDoor } from './introspection/door.ts';
import { enrolFound } from './app/discoveries/enrol.ts';
import { createDiscoveryDoor } from './discoveries/door.ts';
import { createEventsDoor } from './events/door.ts';
import { makeInboxes } from './events/inboxes.ts';
import { startSettling } from './app/allocations/settle.ts';
import { makeCatalogue } from './catalogue.ts';
import { makeConsoleMachines } from './console-machines.ts';
import { makeInstanceFiles } from './instance-files.ts';
import { makeFetchText } from './fetch-text.ts';
import { createConductor, type Siblings } from './conductor.ts';
import { agentInterfaces } from './drivers/agent/hardware.ts';
import { fakeHardware, fakeInterfaces } from './drivers/fake/hardware.ts';
import { IpmiTools } from './drivers/ipmi/bmc.ts';
import { ipmiHardware, ipmiInterfaces } from './drivers/ipmi/hardware.ts';
import { labSockets } from './drivers/lab/socket-console.ts';
import { flatNetwork } from './drivers/network/flat.ts';
import { neutronNetwork } from './drivers/network/neutron.ts';
import { ownOffers } from './drivers/offers.ts';
import { redfishHardware, redfishInterfaces } from './drivers/redfish/hardware.ts';
import { type DriverRegistry, makeRegistry } from './drivers/registry.ts';
import type { BaremetalConfig } from './model/config.ts';
import type { ConductorConfig } from './model/conductor-config.ts';
import type { BaremetalDeps } from './model/deps.ts';
import { storedAgents } from './store/agent-records.ts';
import { storedPlaces } from './store/network-records.ts';
import { storedMachines } from './store/fake-machines.ts';
import { discoverWorkflow } from './workflows/discover/discover.ts';

export { policyTargets } from './store/policy-targets.ts';
export { baremetalQuotas } from './store/quota-counts.ts';
export { captureNotes } from './store/capture-notes.ts';

/** What this program can drive. Made before the work engine, which tells others of it. */
export interface Drivers {
  readonly registry: DriverRegistry;
  /** For `createWork`: names of hardware types, and what the API shows of them. */
  readonly drivers: readonly string[];
  readonly info: Json;
  /** What they were given of other services. */
  readonly siblings: Siblings;
  readonly networks?: MachineNetworks;
  /** Ends what drivers keep open at BMCs. */
  close(): Promise<void>;
}

export interface DriversParts {
  store: Store;
  clock: Clock;
  config: ConductorConfig;
  /** What opens the tokens of agents. */
  sealer: Sealer;
  log: Log;
  /** Sibling services, where they are plugged in. */
  boot?: BootService;
  images?: ImageService;
  networks?: MachineNetworks;
}

/** Collects hardware types and interfaces, as far as the operator enabled them. */
export function createDrivers(parts: DriversParts): Drivers {
  const { store, clock, config, sealer, log } = parts;
  const fakes = fakeInterfaces(storedMachines(store, config.fake.ledger), config.fake, clock);
  const tools = new IpmiTools(clock);
  const redfish = redfishInterfaces(clock, tools);
  const sockets = labSockets(clock, config.labSockets);
  const types = [redfishHardware, ipmiHardware, fakeHardware];
  const siblings: Siblings = {
    ...(parts.boot === undefined ? {} : { boot: parts.boot }),
    ...(parts.images === undefined ? {} : { images: parts.images }),
  };
  const http = new AgentHttp(new AgentNetworks(config.agent.networks), {
    clock,
    limits: { readMs: config.agent.answerMs },
  });
  const texts = makeFetchText(config.agent.fileNetworks, clock);
  const agent = agentInterfaces({
    http,
    fetchText: texts.fetch,
    records: storedAgents(store, sealer),
    clock,
    log,
    fastTrackMs: config.agent.fastTrackMs,
    kexec: config.agent.kexec,
    warmPool: config.agent.warmPool,
    ...siblings,
  });
  const networks = parts.networks === undefined ? {} : { networks: parts.networks };
  const networkContext = { records: storedPlaces(store), config: config.network, ...networks };
  const moving = [flatNetwork(networkContext), neutronNetwork(networkContext)];
  const registry = makeRegistry(
    types,
    [
      fakes,
      redfish.interfaces,
      ipmiInterfaces(clock, tools),
      agent,
      sockets,
      { network: new Map(moving.map((one) => [one.name, one])) },
    ],
    config,
  );
  const info = { offers: JSON.parse(JSON.stringify(ownOffers(registry))) as Json };
  return {
    registry,
    drivers: [...registry.types.keys()],
    info,
    siblings,
    ...networks,
    close: async () => void (await Promise.all([redfish.close(), http.close(), texts.close()])),
  };
}

export interface BaremetalParts {
  store: Store;
  work: WorkRuntime;
  clock: Clock;
  log: Log;
  sealer: Sealer;
  config: BaremetalConfig & { conductor: ConductorConfig };
  drivers: Drivers;
  /** What projects may have at most; absent where identity is somebody else's. */
  quotas?: Quotas;
  /** What machines asked for when they booted. */
  boot?: BootService;
  /** What machines said on their consoles. */
  words?: ConsoleWords;
  /** What ramdisks call has a listener of its own. */
  ramdisksApart?: boolean;
  /** As BMCs reach the listener for their events, null before it listens; absent: there is none. */
  eventsUrl?: () => string | null;
}

/** The Bare Metal service. */
export interface Baremetal {
  /** The Bare Metal API, inspector's as a view of it, and searches for BMCs. */
  readonly doors: readonly Door[];
  /** What ramdisks call, for their own listener; empty when it is in `doors`. */
  readonly ramdiskDoors: readonly Door[];
  /** What BMCs call, for a listener of their own; empty without one. */
  readonly eventDoors: readonly Door[];
  /** What handlers are given: for other rooms' tests and for the composition root. */
  readonly deps: BaremetalDeps;
  /** What the console room asks of machines. */
  readonly consoles: ConsoleMachines;
  /** What the network room tells instances of themselves. */
  readonly instances: InstanceFiles;
  /** After the work engine started. `conductor`: acts on machines; otherwise only answers the API. */
  start(options: { conductor: boolean }): Promise<void>;
  /** Before the work engine stops. What runs may end within `ms`. */
  stop(ms: number): Promise<void>;
}

/** Builds the room. Registers its workflows, so call it before the work engine starts. */
export function createBaremetal(parts: BaremetalParts): Baremetal {
  const { store, work, clock, log, sealer, config, drivers, ramdisksApart = false } = parts;
  const { registry } = drivers;
  const { eventsUrl } = parts;
  const inboxes = eventsUrl === undefined ? undefined : makeInboxes({ store, sealer, url: eventsUrl });
  const networks = drivers.networks === undefined ? {} : { networks: drivers.networks };
  const conductor = createConductor({
    store,
    work,
    clock,
    log,
    sealer,
    registry,
    config: config.conductor,
    siblings: drivers.siblings,
    ...(inboxes === undefined ? {} : { inboxes }),
    ...networks,
  });
  const catalogue = makeCatalogue(work, registry, clock, log);
  const quotas = parts.quotas === undefined ? {} : { quotas: parts.quotas };
  const boot = parts.boot === undefined ? {} : { boot: parts.boot };
  const words = parts.words === undefined ? {} : { words: parts.words };
  const { verbs } = conductor;
  const deps: BaremetalDeps = {
    store,
    work,
    clock,
    log,
    sealer,
    catalogue,
    config,
    verbs,
    ...quotas,
    ...boot,
    ...words,
    ...networks,
  };
  const discover = discoverWorkflow({ store, clock, log, sealer }, (...found) => enrolFound(deps, ...found));
  work.register(discover);
  let settling: ReturnType<typeof startSettling> | undefined;
  return {
    doors: [
      createBaremetalDoor(deps, ramdisksApart),
      createIntrospectionDoor(deps, ramdisksApart),
      createDiscoveryDoor(deps, discover),
    ],
    ramdiskDoors: ramdisksApart ? [createRamdiskDoor(deps), createContinueDoor(deps)] : [],
    eventDoors: inboxes === undefined ? [] : [createEventsDoor(inboxes)],
    deps,
    consoles: makeConsoleMachines(store, sealer, registry),
    instances: makeInstanceFiles(store, sealer),
    async start(options) {
      await catalogue.start();
      if (!options.conductor) return;
      conductor.start();
      settling = startSettling(deps);
    },
    async stop(ms) {
      catalogue.stop();
      await settling?.stop();
      await conductor.stop(ms);
      await drivers.close();
    },
  };
}
