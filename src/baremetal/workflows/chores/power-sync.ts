import { messageOf } from '#kernel/errors';
import type { Actor } from '../../model/verbs.ts';
import { askAction } from '../../store/ask-action.ts';
import { type NodeRow, toNode } from '../../store/node-load.ts';
import { idleNodes, type PowerFinding, watchedNodes, writeFinding } from '../../store/power-sync.ts';
import { ACTIONS } from '../actions/executor.ts';
import type { PowerDetail } from '../actions/detail.ts';
import { callFor, type Taken } from '../actions/taken.ts';
import type { ConductorSide } from '../side.ts';

/** One look at a BMC may take this long. Milliseconds. */
const LOOK_MS = 30_000;
/** Most nodes begun in one round. */
const BATCH = 200;
const NOBODY: Actor = { requestId: '', userId: null, projectId: null };

interface Watched {
  dueAt: number;
  failures: number;
  faulty: boolean;
}

/** Watches the power of the nodes this conductor looks after. */
export interface PowerSync {
  /** Learns which nodes there are. */
  refresh(): Promise<void>;
  /** Looks at those that are due. */
  look(): Promise<void>;
}

/**
 * Compares machines with what is recorded. Nodes are spread over the period; one that just differed is looked at
 * sooner, a BMC that does not answer ever more seldom. Nothing is written while all is well.
 */
export function makePowerSync(side: ConductorSide): PowerSync {
  const { store, work, clock, log } = side;
  const { everyMs, workers, retries, force, recoveryMs } = side.config.powerSync;
  const nodes = new Map<string, Watched>();
  let looking = false;

  const refresh = async () => {
    const now = clock.monotonic();
    const mine = (await watchedNodes(store, side.config.groups)).filter((one) => work.owns(one.group, one.uuid));
    const known = new Set(mine.map((one) => one.uuid));
    for (const uuid of nodes.keys()) if (!known.has(uuid)) nodes.delete(uuid);
    for (const { uuid, faulty } of mine) {
      const before = nodes.get(uuid);
      if (before?.faulty === faulty) continue;
      // By the uuid: the same spread after each restart, and no two conductors look at once.
      const share = Number.parseInt(uuid.slice(0, 6), 16) / 0x100_0000;
      nodes.set(uuid, { dueAt: now + share * (faulty ? recoveryMs : everyMs), failures: 0, faulty });
    }
  };

  const look = async () => {
    const { lease } = work;
    if (looking || !lease.held) return;
    looking = true;
    try {
      const now = clock.monotonic();
      const due = [...nodes].filter(([, one]) => one.dueAt <= now).slice(0, BATCH);
      if (due.length === 0) return;
      for (const [, one] of due) one.dueAt = now + (one.faulty ? recoveryMs : everyMs);
      const rows = await idleNodes(
        store,
        due.map(([uuid]) => uuid),
      );
      const queue = rows.values();
      const worker = async () => {
        for (const row of queue) await check(row).catch((error) => log.debug({ err: messageOf(error) }, 'power sync'));
      };
      await Promise.all(Array.from({ length: workers }, worker));
    } finally {
      looking = false;
    }
  };

  const check = async (row: NodeRow) => {
    const watched = nodes.get(row.uuid);
    if (watched === undefined) return;
    const { lease } = work;
    const node = toNode(row, side.sealer);
    const late = new AbortController();
    const { signal } = late;
    const cancel = clock.after(LOOK_MS, () => late.abort(new Error(`no answer within ${LOOK_MS / 1000} s`)));
    const taken: Taken = { id: 0n, action: 'power sync', node, lease, signal, resumed: false, age: 0 };
    const call = callFor(side, taken);
    const write = async (finding: Omit<PowerFinding, 'conductor'>) => {
      lease.assertHeld();
      if (!(await writeFinding(store, row.uuid, row.revision, { ...finding, conductor: lease.host }))) return;
      store.changes.announce('nodes', row.uuid);
      log.info({ node: row.uuid }, finding.event ?? 'the power state is known now');
    };
    let power: Awaited<ReturnType<typeof call.interfaces.power.get>>;
    try {
      power = await call.interfaces.power.get(call);
      if (power === 'error') throw new Error('the machine reports an error as its power state');
    } catch (error) {
      await unreachable(row, watched, error, write);
      return;
    } finally {
      cancel();
    }
    watched.failures = 0;
    if (watched.faulty) {
      watched.faulty = false;
      const event = 'The power state can be read again: the power failure is over';
      await write({
        power,
        maintenance: false,
        maintenanceReason: null,
        fault: null,
        lastError: null,
        event,
        severity: 'INFO',
      });
      return;
    }
    if (power === row.power_state) return;
    watched.dueAt = clock.monotonic() + everyMs / 8;
    if (row.power_state === null) await write({ power, event: null, severity: 'INFO' });
    else if (force && !row.disable_power_off) await putBack(row);
    else {
      const event = `The machine is in "${power}", not "${row.power_state}" as recorded: recorded as it is`;
      await write({ power, event, severity: 'WARNING' });
    }
  };

  const unreachable = async (
    row: NodeRow,
    watched: Watched,
    error: unknown,
    write: (finding: Omit<PowerFinding, 'conductor'>) => Promise<void>,
  ) => {
    watched.failures++;
    const text = messageOf(error);
    if (watched.faulty) {
      // Given up already: ever more seldom, up to an hour.
      watched.dueAt = clock.monotonic() + Math.min(3_600_000, recoveryMs * 2 ** Math.min(watched.failures, 10));
      return;
    }
    if (watched.failures <= retries) {
      watched.dueAt = clock.monotonic() + everyMs / 4;
      return;
    }
    watched.faulty = true;
    watched.dueAt = clock.monotonic() + recoveryMs;
    const said = `During sync_power_state, max retries exceeded for node ${row.uuid}, node state unknown. ${text}`;
    await write({
      power: null,
      maintenance: true,
      maintenanceReason: said,
      fault: 'power failure',
      lastError: said,
      event: said,
      severity: 'ERROR',
    });
  };

  /** The operator wants machines as recorded: an action like any other, with its lock and its intent. */
  const putBack = async (row: NodeRow) => {
    const detail: PowerDetail = { kind: 'power', ...NOBODY, timeoutMs: null };
    const asked = await askAction(store, {
      nodeUuid: row.uuid,
      action: row.power_state ?? '',
      absolute: true,
      detail: JSON.stringify(detail),
      targetPower: row.power_state,
      powerInterfaces: null,
      deadlineMs: null,
    });
    if (asked !== undefined) store.changes.announce(ACTIONS, 'default');
  };

  return { refresh, look };
}
