import { writeSync } from 'node:fs';
import { createLog } from '#platform/log';
import { openStore } from '#store/open';
import type { Store, Tx } from '#store/contract';
import type { Probe } from '../probe.ts';
import { createWork } from '../runtime.ts';
import type { ChildOptions, ScenarioModule } from './child.ts';

// A conductor in a process of its own: see child.ts. The program's one argument is JSON.

const options = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;
const say = (line: string) => writeSync(1, `${line}\n`);

let reached = 0;
/** Passing a boundary: told, counted, and perhaps the last thing this process does. */
const reach = (point: string): void => {
  if (options.killAt === undefined && !options.tellBoundaries) return;
  reached++;
  say(`boundary ${reached} ${point}`);
  if (reached !== options.killAt) return;
  process.kill(process.pid, 'SIGKILL');
  // Nothing runs on until the signal is delivered.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};
const watched = (id: string) => options.only === undefined || options.only === id;

const probe: Probe = {
  async body({ id }, { name }, _signal, work) {
    if (!watched(id)) return await work(false);
    reach(`begin ${name}`);
    const value = await work(false);
    reach(`did ${name}`);
    return value;
  },
  passed({ id }, point) {
    if (watched(id)) reach(point);
  },
};

/** Commits of the services are boundaries too. */
function withBoundaries(store: Store): Store {
  return new Proxy(store, {
    get(target, key) {
      const value = Reflect.get(target, key, target);
      if (key !== 'tx') return typeof value === 'function' ? value.bind(target) : value;
      return async <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => {
        const result = await target.tx(async (tx) => {
          const inner = await fn(tx);
          if (armed()) reach('before commit');
          return inner;
        });
        if (armed()) reach('after commit');
        return result;
      };
    },
  });
}

let bodies = 0;
const armed = () => bodies > 0;
const countingProbe: Probe = {
  async body(facts, spec, signal, work) {
    const counts = watched(facts.id);
    if (counts) bodies++;
    try {
      return await probe.body(facts, spec, signal, work);
    } finally {
      if (counts) bodies--;
    }
  },
  passed: probe.passed,
};

/** Runs it with the workflows of a scenario until SIGTERM. */
export async function runConductor(scenario: ScenarioModule): Promise<void> {
  const log = createLog({ level: (options.logLevel ?? 'fatal') as 'warn', fields: { host: options.host } });
  const store = await openStore({
    databaseUrl: options.databaseUrl,
    migrate: 'skip',
    name: `child ${options.host}`,
    log,
  });
  const work = createWork({
    store,
    log,
    host: options.host,
    probe: countingProbe,
    ...(options.groups === undefined ? {} : { groups: options.groups }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.times === undefined ? {} : { times: options.times }),
    ...(options.maxTakeovers === undefined ? {} : { maxTakeovers: options.maxTakeovers }),
  });
  const around = async <T>(name: string, fn: () => Promise<T>): Promise<T> => {
    if (armed()) reach(`before ${name}`);
    const value = await fn();
    if (armed()) reach(`after ${name}`);
    return value;
  };
  await scenario.build({ store: withBoundaries(store), work, log, around, say, data: options.data ?? null });
  work.onTakeover((event) => say(`takeover ${event.host} ${event.workflows.length}`));
  await work.start();
  say('ready');

  let ending = false;
  const end = async () => {
    if (ending) return;
    ending = true;
    await work.stop({ drainMs: options.drainMs ?? 5_000 });
    await store.close();
    say('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', () => void end());
  // The parent is gone: nobody will stop us.
  process.stdin.on('end', () => process.exit(1));
  process.stdin.resume();
}
