import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ConsoleMachines, SerialLine } from '#contracts/console';
import { manualClock } from '#kernel/clock';
import { silentLog } from '#platform/log';
import type { Store } from '#store/contract';
import type { WorkRuntime } from '#work/contract';
import { CONSOLE_DEFAULTS } from '../config.ts';
import { Recorder } from './recorder.ts';

const NODE = '6e1c2f6e-5b7c-4f25-9d3e-0d4f1f0b7a11';

/** A recorder of one node, whose lease and whose line end when told. */
async function harness() {
  const dir = await mkdtemp(join(tmpdir(), 'recorder-'));
  const clock = manualClock(1_000_000);
  const told: string[] = [];
  const tellings = new Map<string, (change: { id: string }) => void>();
  const lease = { held: true };
  let open = 0;
  let most = 0;
  const closings: (() => void)[] = [];
  const store = {
    async query(asked: { name?: string; values?: unknown[] }) {
      if (asked.name !== 'console.write-lines') return [];
      const [, , recording, state] = asked.values as [string, string[], boolean[], string[]];
      told.push(...recording.map((one, i) => `${one} ${state[i]}`));
      return [];
    },
    changes: {
      subscribe(topic: string, fn: (change: { id: string }) => void) {
        tellings.set(topic, fn);
        return () => {};
      },
    },
  };
  const machines = {
    recordable: async () => [{ uuid: NODE, group: '', bmc: NODE }],
    switchedOn: async () => new Set<string>(),
    async serial(): Promise<SerialLine> {
      most = Math.max(most, ++open);
      let gone = (_why: string) => {};
      const closed = new Promise<string>((resolve) => (gone = resolve));
      // A BMC takes its time to let go of a line.
      const close = () =>
        closings.push(() => {
          open--;
          gone('closed');
        });
      return { via: 'test', write: async () => {}, closed, close };
    },
  };
  const recorder = new Recorder({
    store: store as unknown as Store,
    work: { lease, owns: () => lease.held } as unknown as WorkRuntime,
    machines: machines as unknown as ConsoleMachines,
    clock,
    log: silentLog,
    meters: { output: { inc() {} }, interrupted: { inc() {} } },
    config: {
      ...CONSOLE_DEFAULTS,
      dir,
      limits: { maxBytes: 1_000_000, maxAgeMs: 1_000_000 },
      groups: [''],
      host: 'here',
      link: null,
      allowedOrigins: [],
    },
  });
  recorder.start();
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 100) {
      await clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  await pass(2_000);
  return {
    told,
    lease,
    pass,
    recorder,
    most: () => most,
    changed: (topic: string) => tellings.get(topic)?.({ id: '*' }),
    letGo: () => closings.splice(0).forEach((one) => one()),
    async [Symbol.asyncDispose]() {
      let isStopped = false;
      void recorder.stop().then(() => (isStopped = true));
      while (!isStopped) {
        await pass(100);
        closings.splice(0).forEach((one) => one());
      }
      await rm(dir, { recursive: true });
    },
  };
}

test('a line that comes back while it is being closed is opened once it is closed, and told of as it is', async () => {
  await using one = await harness();
  expect(one.told.at(-1)).toBe('true recording');
  one.lease.held = false;
  one.changed('nodes');
  await one.pass(500);
  // The next life of this conductor has the node again.
  one.lease.held = true;
  one.changed('nodes');
  await one.pass(500);
  one.letGo();
  await one.pass(2_000);
  expect(one.told.at(-1)).toBe('true recording');
  expect(one.recorder.console(NODE)?.state).toBe('recording');
  expect(one.most()).toBe(1);
});

test('a conductor that begins anew has its consoles again within seconds', async () => {
  await using one = await harness();
  one.lease.held = false;
  one.changed('nodes');
  one.letGo();
  await one.pass(600);
  one.letGo();
  await one.pass(600);
  expect(one.told.at(-1)).toBe('false stopped');
  one.lease.held = true;
  one.changed('work.conductors');
  await one.pass(2_000);
  expect(one.told.at(-1)).toBe('true recording');
});
