import { messageOf } from '#kernel/errors';
import type { Workflow } from '#work/contract';
import { dropStaleCalls } from '../../store/actions.ts';
import { dropOldDiscoveries } from '../../store/discoveries.ts';
import { trimHistory } from '../../store/history.ts';
import { dropOldIntents, forgetConductors } from '../../store/purge.ts';
import type { OperationInput } from '../operation.ts';
import type { ConductorSide } from '../side.ts';
import { makeOrphanChore } from './orphans.ts';
import { makePowerSync } from './power-sync.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** An operation is not looked for before its node has been in one state for this long. */
const ORPHAN_AGE_MS = MINUTE;
/** Nodes whose history is trimmed in one statement. */
const TRIM_NODES = 500;
/** What a search found is kept for a month. */
const DISCOVERY_MS = 30 * 24 * 60 * MINUTE;

/** What a conductor does besides work: each chore is done by one of the live conductors. */
export interface Chores {
  start(): void;
  stop(): Promise<void>;
}

export function makeChores(side: ConductorSide, mend: Workflow<OperationInput>): Chores {
  const { clock, log, store, work, config } = side;
  const running = new Set<Promise<void>>();
  const ways: (() => void)[] = [];
  let stopped = false;

  /** Runs a chore every `ms`, never twice at once; what it throws is logged. */
  const every = (ms: number, what: string, chore: () => Promise<unknown>, atOnce = false) => {
    let busy = false;
    const run = () => {
      if (busy || stopped || !work.lease.held) return;
      busy = true;
      const round = chore()
        .then(() => {})
        .catch((error) => log.warn({ chore: what, err: messageOf(error) }, 'a chore failed'))
        .finally(() => {
          busy = false;
          running.delete(round);
        });
      running.add(round);
    };
    ways.push(clock.every(ms, run));
    if (atOnce) run();
  };
  /** Chores for the whole group: one conductor does them. */
  const mine = (what: string) => work.owns(config.groups[0] ?? '', `chore:${what}`);

  return {
    start() {
      stopped = false;
      const power = makePowerSync(side);
      const { everyMs } = config.powerSync;
      if (everyMs > 0) {
        every(Math.min(MINUTE, everyMs / 2), 'list nodes', power.refresh, true);
        every(Math.min(SECOND, everyMs / 4), 'power sync', power.look);
        ways.push(power.stop);
      }
      every(
        config.orphanEveryMs,
        'lost work',
        makeOrphanChore(side, mend, Math.min(ORPHAN_AGE_MS, config.orphanEveryMs)),
      );
      every(30 * SECOND, 'stale calls', async () => {
        if (mine('stale calls')) await dropStaleCalls(store);
      });
      every(10 * MINUTE, 'old intents', async () => {
        if (mine('old intents')) await dropOldIntents(store);
      });
      every(60 * MINUTE, 'old searches', async () => {
        if (mine('old searches')) await dropOldDiscoveries(store, DISCOVERY_MS);
      });
      every(60 * MINUTE, 'history', async () => {
        if (!mine('history') || config.historyPerNode <= 0) return;
        while ((await trimHistory(store, config.historyPerNode, TRIM_NODES)) > 0 && !stopped);
      });
      every(60 * MINUTE, 'conductors', async () => {
        if (mine('conductors') && config.forgetConductorMs > 0) await forgetConductors(store, config.forgetConductorMs);
      });
    },
    async stop() {
      stopped = true;
      for (const way of ways.splice(0)) way();
      await Promise.race([Promise.all(running), clock.sleep(2 * SECOND)]);
    },
  };
}
