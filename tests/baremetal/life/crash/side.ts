import { type Conductor, createConductor } from '#baremetal/conductor';
import { createDrivers } from '#baremetal/index';
import { type ConductorConfig, DEFAULT_CONDUCTOR_CONFIG } from '#baremetal/model/conductor-config';
import { systemClock } from '#kernel/clock';
import { type Log, silentLog } from '#platform/log';
import type { Store } from '#store/contract';
import type { WorkRuntime } from '#work/contract';
import { testSealer } from '../harness.ts';

/** Short times, so that what a dead conductor left is not waited for longer than the test needs. */
export const CRASH_CONFIG: ConductorConfig = {
  ...DEFAULT_CONDUCTOR_CONFIG,
  powerSettleMs: 300,
  powerChangeMs: 3_000,
  orphanEveryMs: 1_000,
  fake: { delayS: {}, fail: {}, ledger: true },
};

/** The conductor side of the room on a given store, as every process of a crash test has it. */
export function makeSide(store: Store, work: WorkRuntime, log: Log = silentLog, config = CRASH_CONFIG): Conductor {
  const { registry } = createDrivers({ store, clock: systemClock, sealer: testSealer(), log, config });
  return createConductor({ store, work, clock: systemClock, log, sealer: testSealer(), registry, config });
}
