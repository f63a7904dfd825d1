import { IngotError, messageOf } from '#kernel/errors';
import type { ConductorLease } from '#work/contract';
import { type ActionEnd, type ActionRow, claimActions, endCall, makeEnds } from '../../store/actions.ts';
import { toNode } from '../../store/node-load.ts';
import { isOurs, waitingActions } from '../../store/waiting-actions.ts';
import { errors } from '../../errors.ts';
import type { Document } from '../../model/node.ts';
import type { ConductorSide } from '../side.ts';
import { argsOf, callShape, driverVendor } from './call.ts';
import type { ActionDetail, CallDetail, PowerDetail } from './detail.ts';
import { doPower } from './power.ts';
import { callFor, type Taken } from './taken.ts';

/** Looks for what was not told (the feed may lose something), and for what dead conductors left. Milliseconds. */
const RESCAN_MS = 2_000;
/** One claim takes no more than this. */
const BATCH = 128;

/** Carries out what people ask of machines. */
export interface ActionExecutor {
  start(): void;
  /** Begins nothing more and lets what runs end within `ms`; what is left a successor takes up. */
  stop(ms: number): Promise<void>;
  /** There may be something to do. */
  nudge(): void;
  /** Actions in hand. */
  readonly running: number;
}

/** The change feed's topic; the id is the group. */
export const ACTIONS = 'baremetal.actions';

export function makeExecutor(side: ConductorSide): ActionExecutor {
  const { store, clock, log, config, work } = side;
  const end = makeEnds(store);
  const running = new Map<bigint, { ended: Promise<void>; abort: AbortController }>();
  let stopped = true;
  let claiming = false;
  let again = false;
  let lookForLeft = true;
  const ways: (() => void)[] = [];

  const finish = async (taken: Taken, row: ActionRow, detail: ActionDetail, outcome: Partial<ActionEnd>) => {
    const done = await end({
      id: row.id,
      nodeUuid: taken.node.uuid,
      fence: taken.node.fence,
      power: null,
      error: null,
      severity: 'ERROR',
      conductor: taken.lease.host,
      userId: detail.userId,
      projectId: detail.projectId,
      result: null,
      ...outcome,
    });
    if (!done) log.warn({ node: taken.node.uuid, action: row.action }, 'an action ended after its node was taken over');
    if (outcome.result != null) store.changes.announce(ACTIONS, `done:${row.id}`);
  };

  const power = async (taken: Taken, row: ActionRow, detail: PowerDetail) => {
    const ended = await doPower(side, taken, detail);
    await finish(taken, row, detail, {
      power: ended.power,
      error: ended.error,
      severity: ended.unknown ? 'WARNING' : 'ERROR',
    });
  };

  const call = async (taken: Taken, row: ActionRow, detail: CallDetail, locked: boolean) => {
    if (taken.resumed && !row.absolute) {
      const error =
        `Outcome unknown: "${row.action}" may or may not have reached the machine before its conductor stopped. ` +
        'It is not sent again.';
      await finish(taken, row, detail, { error, severity: 'WARNING', result: failure(new Error(error)) });
      return;
    }
    let result: string;
    try {
      const shape = callShape(side, taken.node, detail.interface, detail.method);
      const given = await shape.run(callFor(side, taken), argsOf(side, detail));
      result = JSON.stringify({ ok: given ?? null });
    } catch (error) {
      taken.lease.assertHeld();
      result = failure(error);
    }
    if (locked) await finish(taken, row, detail, { result });
    else {
      await endCall(store, row.id, taken.lease.incarnation, result);
      store.changes.announce(ACTIONS, `done:${row.id}`);
    }
  };

  const perform = async (row: ActionRow, lease: ConductorLease, abort: AbortController) => {
    const detail = JSON.parse(row.detail) as ActionDetail;
    if (row.node === null) {
      const result =
        detail.kind === 'call' && detail.driver !== undefined
          ? await driverMethod(side, detail, abort.signal).catch(failure)
          : failure(new Error('the node is gone'));
      await endCall(store, row.id, lease.incarnation, result);
      store.changes.announce(ACTIONS, `done:${row.id}`);
      return;
    }
    const node = toNode(row.node, side.sealer);
    const { id, action, resumed, age } = row;
    const taken: Taken = { id, action, node, lease, signal: abort.signal, resumed, age };
    let cancel: (() => void) | undefined;
    if (row.left !== null) {
      const late = new IngotError('DriverCallTimeout', 504, `"${action}" did not end in the time the caller gave it`);
      cancel = clock.after(Math.max(1, row.left), () => abort.abort(late));
    }
    try {
      if (detail.kind === 'power') await power(taken, row, detail);
      else await call(taken, row, detail, row.node.intent_id === row.id);
    } finally {
      cancel?.();
    }
  };

  const begin = (row: ActionRow, lease: ConductorLease) => {
    const abort = new AbortController();
    const ended = perform(row, lease, abort)
      .catch((error) => {
        // The lease, or the database, is gone: the row stays open. A successor finds it, or the next rescan here.
        log.warn({ action: row.action, node: row.node?.uuid, err: messageOf(error) }, 'an action was left open');
      })
      .finally(() => {
        running.delete(row.id);
        if (again) void claim();
      });
    running.set(row.id, { ended, abort });
  };

  /** Are there others who could take what we do not? */
  const isShared = () => config.groups.some((group) => work.liveHosts(group).length > 1);
  const ours = async (lease: ConductorLease): Promise<bigint[]> => {
    const waiting = await waitingActions(store, config.groups);
    return waiting.filter((one) => isOurs(one, lease.incarnation, (g, bmc) => work.owns(g, bmc))).map(({ id }) => id);
  };

  const claim = async (): Promise<void> => {
    if (claiming || stopped) return;
    claiming = true;
    try {
      do {
        again = false;
        const { lease } = work;
        const room = Math.min(BATCH, config.powerWorkers - running.size);
        if (room <= 0 || !lease.held) break;
        const which = lookForLeft ? 'left' : 'fresh';
        lookForLeft = false;
        const among = which === 'fresh' && isShared() ? await ours(lease) : null;
        if (among?.length === 0) continue;
        const rows = await claimActions(store, which, config.groups, lease, room, [...running.keys()], among);
        for (const row of rows) begin(row, lease);
        if (rows.length === room || which === 'left') again = true;
      } while (again && !stopped);
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'could not look for actions');
    } finally {
      claiming = false;
    }
  };
  const nudge = () => {
    again = true;
    void claim();
  };

  return {
    start() {
      stopped = false;
      ways.push(
        store.changes.subscribe(ACTIONS, (change) => {
          if (!change.id.startsWith('done:')) nudge();
        }),
        clock.every(RESCAN_MS, () => {
          lookForLeft = true;
          nudge();
        }),
      );
      work.onTakeover(() => {
        lookForLeft = true;
        nudge();
      });
      nudge();
    },
    async stop(ms) {
      stopped = true;
      for (const way of ways.splice(0)) way();
      const all = [...running.entries()];
      await Promise.race([Promise.all(all.map(([, one]) => one.ended)), clock.sleep(ms)]);
      for (const [, one] of running) one.abort.abort(new Error('the conductor stops'));
    },
    nudge,
    get running() {
      return running.size;
    },
  };
}

async function driverMethod(side: ConductorSide, detail: CallDetail, signal: AbortSignal): Promise<string> {
  const vendor = driverVendor(side.registry, detail.driver ?? '');
  const method = vendor?.driverMethods.find((one) => one.name === detail.method);
  if (method === undefined) throw errors.UnsupportedDriverExtension(detail.driver ?? '', `vendor.${detail.method}`);
  const args = argsOf(side, detail);
  const given = await method.call(String(args['http_method']), (args['data'] ?? {}) as Document, signal);
  return JSON.stringify({ ok: given ?? null });
}

function failure(error: unknown): string {
  const known = error instanceof IngotError;
  return JSON.stringify({
    error: { code: known ? error.code : 'DriverFailed', status: known ? error.status : 500, message: messageOf(error) },
  });
}
