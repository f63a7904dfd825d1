import { writeSync } from 'node:fs';
import type { ConductorConfig } from '#baremetal/model/conductor-config';
import { openStore } from '#store/open';
import type { Store } from '#store/contract';
import { createWork } from '#work/runtime';
import { CRASH_CONFIG, makeSide } from './side.ts';

// A whole conductor in a process of its own: operations, actions, chores. Its one argument is JSON, see ./fleet.ts.

export interface ConductorOptions {
  databaseUrl: string;
  host: string;
  times?: { beatMs: number; leaseMs: number; marginMs: number };
  /** Kill -9 itself before (odd) or after (even) a statement about machines or their queue: the how-many-eth. */
  killAt?: number;
  powerSettleMs?: number;
  /** Settings besides. */
  config?: Partial<ConductorConfig>;
}

const options = JSON.parse(process.argv[2] ?? '{}') as ConductorOptions;
const WATCHED = /\b(node_intents|fake_machines|nodes n set)\b/;
let passed = 0;
let armed = false;
/** SIGUSR2: what was left by others is done, count from the next action on. */
let ready = false;
process.on('SIGUSR2', () => {
  ready = true;
});

function pass(): void {
  if (!armed) return;
  passed++;
  if (passed !== options.killAt) return;
  process.kill(process.pid, 'SIGKILL');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function watched(store: Store): Store {
  return new Proxy(store, {
    get(target, key) {
      const value = Reflect.get(target, key, target);
      if (key !== 'query') return typeof value === 'function' ? value.bind(target) : value;
      return async (statement: { text: string }) => {
        // Looks for work that find none are no boundaries: only what comes from the first claimed action on counts.
        const counts = WATCHED.test(statement.text);
        if (counts) pass();
        const rows = await target.query(statement);
        if (statement.text.includes('as action_id') && rows.length > 0 && ready && !armed) {
          armed = true;
          passed = 0;
        }
        if (counts) pass();
        return rows;
      };
    },
  }) as Store;
}

const store = await openStore({ databaseUrl: options.databaseUrl, migrate: 'skip', name: `child ${options.host}` });
const work = createWork({
  store,
  host: options.host,
  ...(options.times === undefined ? {} : { times: options.times }),
});
const config = {
  ...CRASH_CONFIG,
  powerSettleMs: options.powerSettleMs ?? CRASH_CONFIG.powerSettleMs,
  ...options.config,
};
const side = makeSide(watched(store), work, undefined, config);
await work.start();
side.start();
writeSync(1, `ready ${work.lease.incarnation}\n`);
process.stdin.on('end', () => process.exit(1));
process.stdin.resume();
