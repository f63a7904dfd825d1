import type { SwitchService } from '#contracts/switches';
import type { Door } from '#http/contract';
import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { Sealer, Store } from '#store/contract';
import type { Work } from '#work/contract';
import { createReconciler, type Reconciler } from '#work/reconciler';
import { createSwitchDoor } from './api/door.ts';
import { createDrivers, type SwitchDrivers } from './drivers/registry.ts';
import { createSwitchService, TOPIC } from './service.ts';
import { switchesWithWork } from './store/ports.ts';
import { listSwitches } from './store/switches.ts';
import { SwitchWriter } from './writer.ts';

export interface SwitchesParts {
  store: Store;
  sealer: Sealer;
  clock: Clock;
  log: Log;
  /** Shares the regular readings out over conductors. Without it all are ours. */
  work?: Pick<Work, 'owns'>;
  /** Switches of this group of conductors are ours to talk to. */
  group: string;
  /** Each switch is read this often. */
  readMs: number;
  /** Milliseconds for one question. */
  callMs?: number;
  drivers?: SwitchDrivers;
}

/** The room of switches. */
export interface Switches {
  readonly service: SwitchService;
  readonly door: Door;
  /** Talks to switches from now on: conductors only. */
  start(): void;
  /** Reads, and repairs, one now. */
  look(id: string): void;
  /** Resolves when no batch is under way. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export { switchRules } from './api/policy.ts';

/** Work nobody told us of (a lost nudge, a conductor that died) is looked for this often. */
const RESCAN_MS = 2_000;

/** Builds the room. The service works at once, in any process. */
export function createSwitches(parts: SwitchesParts): Switches {
  const { store, clock, log, group } = parts;
  const drivers = parts.drivers ?? createDrivers({ clock, log, ...(parts.callMs && { callMs: parts.callMs }) });
  const writer = new SwitchWriter({ store, sealer: parts.sealer, clock, log, drivers });
  const running: { reconcilers: Reconciler[]; unsubscribe: (() => void) | undefined } = {
    reconcilers: [],
    unsubscribe: undefined,
  };
  let groups = new Map<string, string>();
  const ours = async (): Promise<string[]> => {
    const rows = (await listSwitches(store)).filter((row) => row.enabled);
    groups = new Map(rows.map((row) => [row.id, row.conductor_group]));
    return rows.filter((row) => row.conductor_group === group).map((row) => row.id);
  };
  const nudge = async (id: string): Promise<void> => {
    if (!groups.has(id)) await ours();
    if (groups.get(id) === group) writer.nudge(id);
  };
  const reading = createReconciler({
    name: 'switches',
    everyMs: parts.readMs,
    clock,
    log,
    ...(parts.work === undefined ? {} : { shard: { work: parts.work, group } }),
    async run({ owns }) {
      for (const id of await ours()) if (owns(id)) writer.nudge(id, true);
    },
  });
  const rescan = createReconciler({
    name: 'wishes of switches',
    everyMs: RESCAN_MS,
    clock,
    log,
    async run() {
      const waiting = await switchesWithWork(store);
      if (waiting.length === 0) return;
      const mine = new Set(await ours());
      for (const id of waiting) if (mine.has(id)) writer.nudge(id);
    },
  });
  const service = createSwitchService({ store, clock, drivers });
  return {
    service,
    door: createSwitchDoor({ store, sealer: parts.sealer, drivers, service }),
    start() {
      running.unsubscribe = store.changes.subscribe(TOPIC, ({ id }) => {
        if (id === '*') rescan.nudge();
        else nudge(id).catch((error: unknown) => log.debug({ err: error }, 'switches: a nudge was lost'));
      });
      running.reconcilers = [reading, rescan];
      for (const one of running.reconcilers) one.start();
    },
    look: (id) => writer.nudge(id, true),
    idle: () => writer.idle(),
    async stop() {
      running.unsubscribe?.();
      for (const one of running.reconcilers) await one.stop();
      await writer.stop();
    },
  };
}
