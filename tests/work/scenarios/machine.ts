import { IngotError } from '#kernel/errors';
import type { Store } from '#store/contract';
import type { Workflow } from '#work/contract';
import type { ChildWorld } from '#work/testing/child';

// A little world: machines with a power state, a power log, and an owner row. `deploy` reserves a machine,
// switches it on, waits for its call when asked to, and marks it active; what fails is undone.

export interface DeployInput {
  [key: string]: string | number | undefined;
  machine: string;
  /** Milliseconds the power step takes. */
  powerMs?: number;
  /** The power step, when it first runs, blocks the whole process this long. */
  blockMs?: number;
  /** Wait this long for the machine's call. */
  waitMs?: number;
}

export interface World {
  store: Store;
  around<T>(name: string, fn: () => Promise<T>): Promise<T>;
  say(line: string): void;
}

export const TABLES = `
create table if not exists machine (id text primary key, state text not null, power text not null default 'off', switched int not null default 0);
create table if not exists machine_log (seq bigint generated always as identity primary key, id text, what text, incarnation text, at timestamptz default clock_timestamp());`;

export async function makeTables(store: Store): Promise<void> {
  for (const text of TABLES.split(';\n')) await store.query({ text });
}

export async function makeMachine(store: Store, id: string): Promise<void> {
  await store.query({ text: `insert into machine (id, state) values ($1, 'available')`, values: [id] });
}

export async function machineOf(store: Store, id: string) {
  const rows = await store.query<{ state: string; power: string; switched: number }>({
    text: 'select state, power, switched from machine where id = $1',
    values: [id],
  });
  return rows[0];
}

export async function logOf(store: Store, id: string): Promise<string[]> {
  const rows = await store.query<{ what: string }>({
    text: 'select what from machine_log where id = $1 order by seq',
    values: [id],
  });
  return rows.map((row) => row.what);
}

export function deploy(world: World, version = 1): Workflow<DeployInput> {
  const { store } = world;
  const set = (id: string, state: string) =>
    store.tx(async (tx) => {
      await tx.query({ text: 'update machine set state = $2 where id = $1', values: [id, state] });
    });
  const note = (id: string, what: string, incarnation = '') =>
    store.query({
      text: 'insert into machine_log (id, what, incarnation) values ($1, $2, $3)',
      values: [id, what, incarnation],
    });
  return {
    name: 'deploy',
    version,
    limit: 'deploy',
    async run(context, { machine, powerMs, blockMs, waitMs }) {
      await context.step({
        name: 'reserve',
        budgetMs: 10_000,
        do: async () => {
          await set(machine, 'deploying');
          await note(machine, 'reserve');
        },
        undo: async () => {
          await note(machine, 'unreserve');
        },
      });
      await context.step({
        name: 'power on',
        budgetMs: 60_000,
        check: async () => ((await machineOf(store, machine))?.power === 'on' ? 'was on' : undefined),
        do: async (step) => {
          world.say(`powering ${machine} ${step.resumed}`);
          if (powerMs !== undefined) await pause(powerMs, step.signal);
          if (blockMs !== undefined && !step.resumed) {
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs);
          }
          await world.around('power on', async () => {
            // The same tick: the lease is looked at and the write begins.
            step.lease.assertHeld();
            const outside = `update machine set power = 'on', switched = switched + 1 where id = $1 and power = 'off'`;
            await store.query({ text: outside, values: [machine] });
          });
          await note(machine, 'power on', step.lease.incarnation);
          return 'switched';
        },
        undo: async () => {
          await store.query({ text: `update machine set power = 'off' where id = $1`, values: [machine] });
          await note(machine, 'power off');
        },
      });
      if (waitMs !== undefined) {
        const call = await context.receive<{ from: string }>('agent', waitMs);
        if (call === null) throw new IngotError('AgentSilent', 504, 'the machine did not call');
        world.say(`heard ${machine}`);
      }
      await context.step({
        name: version === 1 ? 'activate' : `activate v${version}`,
        budgetMs: 10_000,
        do: async () => {
          await set(machine, 'active');
          await note(machine, `activate v${version}`);
        },
      });
    },
    async failed(context, { machine }, error) {
      await context.step({
        name: 'fail',
        budgetMs: 10_000,
        do: async () => {
          await set(machine, 'deploy failed');
          await note(machine, `failed ${(error as IngotError).code}`);
        },
      });
    },
  };
}

/** Kills the process in its step. */
export function poison(world: World): Workflow<DeployInput> {
  return {
    name: 'poison',
    version: 1,
    async run(context) {
      await context.step({
        name: 'explode',
        budgetMs: 10_000,
        do: async () => {
          world.say('exploding');
          process.kill(process.pid, 'SIGKILL');
        },
      });
    },
    failed: (context, input, error) => deploy(world).failed(context, input, error),
  };
}

export function build(child: ChildWorld): void {
  const versions = ((child.data as { versions?: number[] } | null)?.versions ?? [1]) as number[];
  for (const version of versions) child.work.register(deploy(child, version));
  child.work.register(poison(child));
}

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}
