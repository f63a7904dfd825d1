import type { Store } from '#store/contract';
import type { Json, Work } from '../contract.ts';
import { type ChildOptions, type ConductorChild, startConductor } from './child.ts';
import { type Ended, untilEnded } from './prove.ts';

export interface KillProof {
  /** The scenario module the children load: see child.ts. */
  module: string;
  databaseUrl: string;
  /** Of an API-only runtime in the test's process, with the same workflows registered. */
  work: Work;
  store: Store;
  /** Makes a fresh world and enqueues the workflow in it with this id. Once per boundary. */
  begin(id: string): Promise<void>;
  /** Throws when the world is not right. */
  verify(ended: Ended): Promise<void>;
  /** Of the ids; default `kill`. */
  prefix?: string;
  data?: Json;
  limits?: Record<string, number>;
  /** Only every n-th boundary, for quick runs; default all. `offset`: the first one taken. */
  every?: { nth: number; offset?: number };
  /** Name of the boundaries to take; default all. */
  select?(boundary: string): boolean;
  timeoutMs?: number;
}

/**
 * Kills the conductor with SIGKILL at each boundary of a workflow: as it is claimed, before and after each
 * step's body, each commit, each outside action, each record, and at its end. Each time the next conductor, a
 * process of its own, must bring the workflow to an end and the world to what `verify` wants. Gives the
 * boundaries it killed at.
 *
 * The conductors share a host name, so that a successor need not wait for a lease: what is proven here is the
 * workflow; the waiting has tests of its own.
 */
export async function killAtEachBoundary(proof: KillProof): Promise<string[]> {
  const prefix = proof.prefix ?? 'kill';
  const timeoutMs = proof.timeoutMs ?? 20_000;
  const conductor = (more: Partial<ChildOptions>): Promise<ConductorChild> =>
    startConductor({
      module: proof.module,
      databaseUrl: proof.databaseUrl,
      host: 'kill-proof',
      ...(proof.data === undefined ? {} : { data: proof.data }),
      ...(proof.limits === undefined ? {} : { limits: proof.limits }),
      // One workflow dies once here, but the same process of a row may be killed often.
      maxTakeovers: 1_000,
      ...more,
    });
  const ended = async (id: string, scenario: string): Promise<void> => {
    const status = await untilEnded(proof.work, id, timeoutMs, scenario);
    try {
      await proof.verify({ scenario, id, state: status.state as Ended['state'], error: status.error });
    } catch (error) {
      throw new Error(`${scenario}: the world is not right afterwards`, { cause: error });
    }
  };

  const first = await conductor({ tellBoundaries: true, only: `${prefix}-0` });
  let boundaries: string[];
  try {
    await proof.begin(`${prefix}-0`);
    await ended(`${prefix}-0`, 'nothing is killed');
    boundaries = first.lines.filter((line) => line.startsWith('boundary ')).map((line) => line.slice(9));
  } finally {
    await first.stop();
  }

  const killed: string[] = [];
  let previous: { id: string; scenario: string } | undefined;
  const { nth = 1, offset = 0 } = proof.every ?? {};
  const chosen = boundaries
    .map((text, index) => ({ number: index + 1, name: text.slice(text.indexOf(' ') + 1) }))
    .filter(({ name }) => proof.select?.(name) ?? true)
    .filter((_, index) => index % nth === offset % nth);
  for (const { number, name } of chosen) {
    const id = `${prefix}-${number}`;
    // Each successor is the next victim: it first brings its predecessor's workflow to an end.
    const victim = await conductor({ killAt: number, only: id });
    if (previous) await ended(previous.id, previous.scenario);
    await proof.begin(id);
    await victim.ended(timeoutMs);
    killed.push(name);
    previous = { id, scenario: `killed at "${name}" (${number} of ${boundaries.length})` };
  }
  if (previous) {
    const last = await conductor({});
    try {
      await ended(previous.id, previous.scenario);
    } finally {
      await last.stop();
    }
  }
  return killed;
}
