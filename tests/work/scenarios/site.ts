import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { TestStore } from '#store/testing';
import type { WorkRuntime } from '#work/contract';
import { createWork, type WorkOptions } from '#work/runtime';
import { type ChildOptions, type ConductorChild, startConductor } from '#work/testing/child';
import { untilEnded } from '#work/testing/prove';
import { openWorkStore } from '#work/testing/store';
import { type DeployInput, deploy, makeMachine, makeTables, poison } from './machine.ts';

const module = fileURLToPath(new URL('./machine.ts', import.meta.url));

/** Fast heartbeats: dead after 2.3 s. For tests that are not about the times. */
export const fast = { beatMs: 400, leaseMs: 2_000, marginMs: 300 };

/** A database, an API-only runtime in this process, and conductors in processes of their own. */
export interface Site {
  test: TestStore;
  work: WorkRuntime;
  conductor(host: string, options?: Partial<ChildOptions>): Promise<ConductorChild>;
  /** Makes a machine and enqueues its deploy. Gives the id of both. */
  deploy(input?: Partial<DeployInput>, group?: string): Promise<string>;
  poison(): Promise<string>;
  ended(id: string, timeoutMs?: number): ReturnType<typeof untilEnded>;
  status(id: string): ReturnType<WorkRuntime['status']>;
  close(): Promise<void>;
}

let count = 0;

export async function openSite(options: Partial<WorkOptions> & { versions?: number[] } = {}): Promise<Site> {
  const { versions = [1], times = fast, ...more } = options;
  const test = await openWorkStore();
  await makeTables(test.store);
  const work = createWork({ store: test.store, host: 'api', role: 'api', times, ...more });
  const world = { store: test.store, around: <T>(_: string, fn: () => Promise<T>) => fn(), say: () => {} };
  for (const version of versions) work.register(deploy(world, version));
  work.register(poison(world));
  await work.start();
  const children: ConductorChild[] = [];
  return {
    test,
    work,
    async conductor(host, childOptions = {}) {
      const child = await startConductor({
        module,
        databaseUrl: test.url,
        host,
        times,
        drainMs: 2_000,
        ...childOptions,
      });
      children.push(child);
      return child;
    },
    async deploy(input = {}, group = '') {
      const id = `m-${++count}`;
      await makeMachine(test.store, id);
      const version = Math.max(...versions);
      await test.store.tx((tx) => work.enqueue(tx, deploy(world, version), { machine: id, ...input }, { id, group }));
      return id;
    },
    async poison() {
      const id = `p-${++count}`;
      await makeMachine(test.store, id);
      await test.store.tx((tx) => work.enqueue(tx, poison(world), { machine: id }, { id, group: '' }));
      return id;
    },
    ended: (id, timeoutMs = 20_000) => untilEnded(work, id, timeoutMs),
    status: (id) => work.status(id),
    async close() {
      for (const child of children) child.signal('SIGCONT');
      await Promise.all(children.map((child) => child.kill().catch(() => {})));
      // Whatever happened: no work may lie on a queue that is not a group's.
      const queues = await test.store.query<{ queue_name: string }>({
        text: 'select distinct queue_name from dbos.workflow_status',
      });
      await work.stop();
      await test.close();
      for (const { queue_name } of queues) expect(queue_name).toMatch(/^group:/);
    },
  };
}

export async function until(
  condition: () => boolean | undefined | Promise<boolean | undefined>,
  timeoutMs = 10_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

let open = 0;
const queue: (() => void)[] = [];

/** Opens a site for the time of one test. Three at once: more processes than that only wait for the processor. */
export async function atSite(
  options: Parameters<typeof openSite>[0],
  fn: (site: Site) => Promise<void>,
): Promise<void> {
  if (open >= 3) await new Promise<void>((resolve) => queue.push(resolve));
  open++;
  try {
    await inside(await openSite(options), fn);
  } finally {
    open--;
    queue.shift()?.();
  }
}

async function inside(site: Site, fn: (site: Site) => Promise<void>): Promise<void> {
  let failed = true;
  try {
    await fn(site);
    failed = false;
  } finally {
    await site.close().catch((error) => {
      // The first failure is the one to see.
      if (!failed) throw error;
    });
  }
}
