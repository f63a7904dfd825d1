import { messageOf } from '#kernel/errors';
import type { Node } from '../../model/node.ts';
import type { Actor } from '../../model/verbs.ts';
import type { PowerState } from '../../states/names.ts';
import { askAction } from '../../store/ask-action.ts';
import { toNode } from '../../store/node-load.ts';
import {
  lookedAtNodes,
  type PowerFinding,
  watchedNodes,
  type WatchedRow,
  writeFinding,
} from '../../store/power-sync.ts';
import { ACTIONS } from '../actions/executor.ts';
import type { PowerDetail } from '../actions/detail.ts';
import { callFor, type Taken } from '../actions/taken.ts';
import type { ConductorSide } from '../side.ts';
import { makeListeners } from './listeners.ts';
import { tellItIsOff } from './waiting.ts';

/** One look at a BMC may take this long. Milliseconds. */
const LOOK_MS = 30_000;
/** Most nodes read from the database in one round. */
const BATCH = 500;
const NOBODY: Actor = { requestId: '', userId: null, projectId: null };

/** Looks at BMCs that did not answer the last time, at once; they wait for nothing but their time to run out. */
const SLOW = 256;
/** A BMC that answers does so by then. Milliseconds. */
const PROMPT_MS = 2_000;
/** How soon after an event it is looked at, and how often at most: some tell of each look at them. Milliseconds. */
const AFTER_EVENT_MS = 200;
const BETWEEN_EVENTS_MS = 2_000;
/** A BMC whose events are heard is looked at so much more seldom. */
const WITH_EVENTS = 5;

/** `waiting`: it is due, and waits for a place among the quick ones. */
type Lane = 'waiting' | 'quick' | 'slow';

interface Watched {
  dueAt: number;
  failures: number;
  faulty: boolean;
  /** Where it is looked at just now. */
  lane: Lane | null;
  /** Its events are heard. */
  listens: boolean;
  /** An event told of something that was not looked at yet. */
  told: boolean;
  lookedAt: number;
}

/** Watches power and health of the nodes this conductor looks after. */
export interface PowerSync {
  /** Learns which nodes there are. */
  refresh(): Promise<void>;
  /** Looks at those that are due. */
  look(): Promise<void>;
  /** Hears of nothing any more. */
  stop(): void;
}

/**
 * Compares machines with what is recorded. Nodes are spread over the period; one that just differed, or whose BMC told of an
 * event, is looked at sooner, one whose events are heard more seldom, a BMC that does not answer ever more seldom.
 * Nothing is written while all is well.
 */
export function makePowerSync(side: ConductorSide): PowerSync {
  const { store, work, clock, log } = side;
  const { everyMs, workers, retries, force, recoveryMs } = side.config.powerSync;
  const nodes = new Map<string, Watched>();
  const listeners = makeListeners(side);
  const lanes = { waiting: 0, quick: 0, slow: 0 };
  /** Those that are due, in order. */
  const queue: WatchedRow[] = [];
  let choosing = false;

  const refresh = async () => {
    const now = clock.monotonic();
    const mine = (await watchedNodes(store, side.config.groups)).filter((one) => work.owns(one.group, one.bmc));
    const known = new Set(mine.map((one) => one.uuid));
    for (const uuid of nodes.keys()) {
      if (known.has(uuid)) continue;
      nodes.delete(uuid);
      listeners.end(uuid);
    }
    for (const { uuid, faulty } of mine) {
      const before = nodes.get(uuid);
      if (before?.faulty === faulty) continue;
      // By the uuid: the same spread after each restart, and no two conductors look at once.
      const share = Number.parseInt(uuid.slice(0, 6), 16) / 0x100_0000;
      nodes.set(uuid, {
        dueAt: now + share * (faulty ? recoveryMs : everyMs),
        failures: 0,
        faulty,
        lane: null,
        listens: false,
        told: false,
        lookedAt: Number.NEGATIVE_INFINITY,
      });
    }
  };

  /**
   * Reads those that are due, the longest first, and waits for none of them: a dead BMC takes its time, not the others'.
   * The next begins as soon as one has ended, not with the next round, or a round could do no more than it has places.
   */
  const look = async () => {
    const { lease } = work;
    if (choosing || !lease.held) return;
    choosing = true;
    try {
      const now = clock.monotonic();
      const room = { quick: BATCH - lanes.waiting, slow: SLOW - lanes.slow };
      const due: [uuid: string, one: Watched][] = [];
      for (const entry of nodes) if (entry[1].dueAt <= now && entry[1].lane === null) due.push(entry);
      due.sort(([, a], [, b]) => a.dueAt - b.dueAt);
      const chosen = due.filter(([, one]) => room[isSlow(one) ? 'slow' : 'quick']-- > 0);
      if (chosen.length === 0) return;
      for (const [, one] of chosen) enter(one, isSlow(one) ? 'slow' : 'waiting');
      const rows = await lookedAtNodes(
        store,
        chosen.map(([uuid]) => uuid),
      ).catch((error: unknown) => {
        // the database is away: they give their places back, and are looked at in the next round
        for (const [, one] of chosen) enter(one, null);
        throw error;
      });
      const found = new Map(rows.map((row) => [row.uuid, row]));
      for (const [uuid, one] of chosen) {
        one.dueAt = now + (one.faulty ? recoveryMs : one.listens ? everyMs * WITH_EVENTS : everyMs);
        const row = found.get(uuid);
        if (row === undefined) {
          enter(one, null);
          // somebody is at work on it: what the event told of is looked at as soon as it rests
          if (one.told) one.dueAt = Math.min(one.dueAt, now + BETWEEN_EVENTS_MS);
        } else if (one.lane === 'slow') void visit(one, row);
        else queue.push(row);
      }
      fill();
    } finally {
      choosing = false;
    }
  };

  const isSlow = (one: Watched) => one.failures > 0 || one.faulty;

  /** Gives free places to those that wait. */
  const fill = () => {
    while (lanes.quick < workers) {
      const row = queue.shift();
      if (row === undefined) return;
      const one = nodes.get(row.uuid);
      if (one?.lane !== 'waiting') {
        // another conductor looks after it now; it is not in the list any more, but still in the count
        lanes.waiting--;
        continue;
      }
      enter(one, 'quick');
      void visit(one, row);
    }
  };

  const enter = (one: Watched, lane: Lane | null) => {
    if (one.lane !== null) lanes[one.lane]--;
    one.lane = lane;
    if (lane !== null) lanes[lane]++;
  };

  const visit = async (one: Watched, row: WatchedRow) => {
    one.lookedAt = clock.monotonic();
    // one that takes long leaves its place to those that answer
    const cancel = clock.after(PROMPT_MS, () => {
      if (one.lane !== 'quick') return;
      enter(one, 'slow');
      fill();
    });
    try {
      await check(one, row);
    } catch (error) {
      log.debug({ err: messageOf(error) }, 'power sync');
    } finally {
      cancel();
      enter(one, null);
      fill();
    }
  };

  const check = async (watched: Watched, row: WatchedRow) => {
    const { lease } = work;
    lease.assertHeld();
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
    let power: PowerState;
    let health: string | null = row.health;
    watched.told = false;
    try {
      const driver = call.interfaces.power;
      if (driver.look === undefined) power = await driver.get(call);
      else ({ power, health } = await driver.look(call));
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
    hear(watched, node);
    if (row.operation_id !== null) {
      if (power !== 'power off' || (await tellItIsOff(side, row))) return;
      watched.told = true;
      watched.dueAt = clock.monotonic() + BETWEEN_EVENTS_MS;
      return;
    }
    if (power === row.power_state) {
      if (health !== row.health) await write({ health, event: healthEvent(row.health, health), severity: 'INFO' });
      return;
    }
    watched.dueAt = clock.monotonic() + everyMs / 8;
    if (row.power_state === null) await write({ power, health, event: null, severity: 'INFO' });
    else if (force && !row.disable_power_off) await putBack(row);
    else {
      const event = `The machine is in "${power}", not "${row.power_state}" as recorded: recorded as it is`;
      await write({ power, health, event, severity: 'WARNING' });
    }
  };

  const unreachable = async (
    row: WatchedRow,
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
    // Of a node at work its operation says what a BMC that does not answer means.
    if (watched.failures <= retries || row.operation_id !== null) {
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
  const putBack = async (row: WatchedRow) => {
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

  /** Listens to the BMC's events as well, where it has them and there is room. */
  const hear = (watched: Watched, node: Node) => {
    if (listeners.refuses(node.uuid)) return;
    listeners.begin(node, {
      heard() {
        // events come in clusters, and the state follows
        const soon = Math.max(clock.monotonic() + AFTER_EVENT_MS, watched.lookedAt + BETWEEN_EVENTS_MS);
        watched.told = true;
        watched.dueAt = Math.min(watched.dueAt, soon);
      },
      opened() {
        watched.listens = true;
      },
      ended() {
        watched.listens = false;
        watched.dueAt = Math.min(watched.dueAt, clock.monotonic() + everyMs);
      },
    });
  };

  return { refresh, look, stop: () => listeners.stop() };
}

const healthEvent = (before: string | null, now: string | null) =>
  before === null ? null : `The machine's health is ${now ?? 'unknown'}; it was ${before}`;
