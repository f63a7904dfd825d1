import { createConductor } from '#baremetal/conductor';
import { createDrivers } from '#baremetal/index';
import type { ConductorConfig } from '#baremetal/model/conductor-config';
import { systemClock } from '#kernel/clock';
import type { Store } from '#store/contract';
import type { ChildWorld } from '#work/testing/child';
import { CRASH_CONFIG } from '../life/crash/side.ts';
import { testSealer } from '../life/harness.ts';
import { standInImages } from './stand-in-images.ts';

/** Every statement that changes something or reads what a decision hangs on is a boundary, before and after it. */
const WATCHED = /\b(nodes|node_intents|node_history|node_agents|node_proofs|node_timelines|node_reports|ports)\b/;

export const AGENT_CRASH_CONFIG: ConductorConfig = {
  ...CRASH_CONFIG,
  enabledHardwareTypes: ['fake-hardware', 'redfish'],
  powerSync: { ...CRASH_CONFIG.powerSync, everyMs: 0 },
  agent: { ...CRASH_CONFIG.agent, networks: ['127.0.0.0/8'] },
};

/** A conductor child that drives simulated machines over Redfish and their agents over HTTPS. */
export function build(world: ChildWorld): void {
  const { store, around, work, log } = world;
  const watched = new Proxy(store, {
    get(target, key) {
      const value = Reflect.get(target, key, target);
      if (key !== 'query') return typeof value === 'function' ? value.bind(target) : value;
      return (statement: { text: string }) => {
        const run = () => target.query(statement);
        const write = /(insert into|update|delete from) (?:only )?(\w+)/.exec(statement.text);
        if (!WATCHED.test(statement.text)) return run();
        return around(write === null ? 'a read' : `${write[1]} ${write[2]}`, run);
      };
    },
  }) as Store;
  const sealer = testSealer();
  const config = AGENT_CRASH_CONFIG;
  const { registry } = createDrivers({
    store: watched,
    clock: systemClock,
    sealer,
    log,
    config,
    images: standInImages(),
  });
  createConductor({ store: watched, work, clock: systemClock, log, sealer, registry, config });
}
