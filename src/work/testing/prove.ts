import { systemClock } from '#kernel/clock';
import type { Store } from '#store/contract';
import type { Work, WorkStatus } from '../contract.ts';
import type { TestProbe } from './test-probe.ts';

// How to prove a workflow (each service does this for each of its workflows):
//
//   const { store, close } = await openWorkStore();
//   const probe = makeTestProbe();
//   const work = createWork({ store, host: 'test', probe });
//   … register the workflows …
//   await work.start();
//   await proveWorkflow({
//     work, store, probe,
//     begin: async (id) => { make a fresh node; enqueue with this id },
//     verify: async ({ scenario, id, state }) => { expect the world to be right for `state` },
//   });
//
// and, for kills, `killAtEachBoundary` of kill.ts.

/** A workflow has ended in a scenario: is the world as it should be? */
export interface Ended {
  /** What was done to it, as a sentence: `step "write image" fails before it began`. */
  scenario: string;
  id: string;
  state: 'done' | 'failed' | 'parked';
  error: string | null;
}

export interface Proof {
  work: Work;
  store: Store;
  probe: TestProbe;
  /** Makes a fresh world and enqueues the workflow in it with this id. Called once per scenario. */
  begin(id: string): Promise<void>;
  /** Throws when the world is not right. */
  verify(ended: Ended): Promise<void>;
  /** Steps that may not be made to fail (default none), by name. */
  unfailing?: readonly string[];
  /** Of one scenario. Default 10 s. */
  timeoutMs?: number;
}

/**
 * Runs a workflow in every way that can go wrong inside one process: plainly; every step twice; each step
 * failing before and after it acted; each undo failing; aborted before each step. Gives the scenarios it ran.
 */
export async function proveWorkflow(proof: Proof): Promise<string[]> {
  const ran: string[] = [];
  let count = 0;
  const base = `proof-${systemClock.now().toString(36)}`;
  const scenario = async (
    name: string,
    expected: readonly Ended['state'][],
    prepare: (id: string) => void,
  ): Promise<string> => {
    const id = `${base}-${count++}`;
    prepare(id);
    await proof.begin(id);
    const status = await untilEnded(proof.work, id, proof.timeoutMs ?? 10_000, name);
    const state = status.state as Ended['state'];
    if (!expected.includes(state)) throw new Error(`${name}: it ended ${state} (${status.error})`);
    try {
      await proof.verify({ scenario: name, id, state, error: status.error });
    } catch (error) {
      throw new Error(`${name}: the world is not right afterwards`, { cause: error });
    }
    ran.push(name);
    return id;
  };

  const plain = await scenario('nothing goes wrong', ['done'], () => {});
  const steps = [...new Set(proof.probe.bodies(plain))];
  await scenario('every step runs twice', ['done'], (id) => proof.probe.twice(id));
  const undos = new Set<string>();
  for (const step of steps) {
    if (proof.unfailing?.includes(step)) continue;
    for (const at of ['before', 'after'] as const) {
      const when = at === 'before' ? 'before it began' : 'after it acted';
      // A workflow may live with a step's failure: then it is done.
      const id = await scenario(`step "${step}" fails ${when}`, ['failed', 'done'], (id) =>
        proof.probe.fail(id, step, at),
      );
      for (const body of proof.probe.bodies(id)) if (body.endsWith(' undo')) undos.add(`${step}\u0000${body}`);
    }
    await scenario(`it is aborted before step "${step}"`, ['failed', 'done'], (id) =>
      proof.probe.before(id, step, () => abort(proof, id)),
    );
  }
  for (const pair of undos) {
    const [step = '', undo = ''] = pair.split('\u0000');
    await scenario(`step "${step}" fails, and "${undo}" too`, ['failed'], (id) => {
      proof.probe.fail(id, step, 'before');
      proof.probe.fail(id, undo, 'before');
    });
  }
  return ran;
}

async function abort(proof: Proof, id: string): Promise<void> {
  await proof.store.tx((tx) => proof.work.abort(tx, id, 'the test aborts it'));
}

/** Waits until a workflow has ended. Throws, with where it stands, when that takes too long. */
export async function untilEnded(work: Work, id: string, timeoutMs: number, what = id): Promise<WorkStatus> {
  const deadline = systemClock.monotonic() + timeoutMs;
  for (let wait = 5; ; wait = Math.min(100, wait * 1.5)) {
    const status = await work.status(id);
    if (status !== null && status.state !== 'queued' && status.state !== 'running') return status;
    if (systemClock.monotonic() > deadline) {
      throw new Error(`${what}: not ended after ${timeoutMs} ms: ${JSON.stringify(status)}`);
    }
    await systemClock.sleep(wait);
  }
}
