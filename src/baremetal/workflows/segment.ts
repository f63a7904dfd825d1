import type { StepContext } from '#work/contract';
import { errors as workErrors } from '#work/errors';
import type { DriverCall, MarkDetails, NodeInterfaces, NodeNotes, PowerControl } from '../drivers/contract.ts';
import type { Document, Node } from '../model/node.ts';
import { addMark, type Mark } from '../model/timeline.ts';
import type { Actor } from '../model/verbs.ts';
import { addHistory } from '../store/history.ts';
import { type NodeRow, toNode } from '../store/node-load.ts';
import { type NodeChange, RELEASED, RESTING } from '../store/transition.ts';
import type { ProvisionEvent, ProvisionState } from '../states/names.ts';
import { failureEvent, STATES } from '../states/table.ts';
import { makePower } from './power/control.ts';
import type { Progress } from './progress.ts';
import type { ConductorSide } from './side.ts';

/** A driver step that takes longer than this is written down while it runs. */
const MARK_AFTER_MS = 150;

/** What a move says besides its event. */
export interface Move {
  target?: ProvisionState | null;
  set?: NodeChange;
  /** For the history; an error when `failed`. */
  said?: string;
  failed?: boolean;
}

/**
 * One stretch of an operation, from taking the node to resting or ending: the node as read once, and the only
 * way to write it. Every write says the fence it acts under.
 */
export interface Segment {
  readonly side: ConductorSide;
  readonly node: Node;
  readonly interfaces: NodeInterfaces;
  readonly progress: Progress;
  readonly actor: Actor;
  readonly power: PowerControl;
  readonly signal: AbortSignal;
  /** True when an earlier conductor, or life, may have begun what is at hand. */
  readonly resumed: boolean;
  /** What is to be written with the next write. */
  readonly pending: NodeChange;
  /** Whom the machine waits for from now on; see model/timeline.ts. */
  mark(on: Mark['on'], what: string, details?: MarkDetails): void;
  /** A call of a driver for this operation. `resumed` only for what was at hand when it stopped. */
  call(purpose?: string, resumed?: boolean): DriverCall;
  /** Writes the progress if the thing at hand takes longer than a moment. Call `settle` when it is done. */
  markSoon(): void;
  settle(): Promise<void>;
  /** Writes pending changes and progress now. */
  save(): Promise<void>;
  /** Changes the state and keeps the node. */
  move(event: ProvisionEvent, move?: Move): Promise<void>;
  /** The same, and writes where the operation stands. */
  moveWithProgress(event: ProvisionEvent, move?: Move): Promise<void>;
  /** Changes the state and rests: others may touch the node until somebody resumes it. */
  rest(event: ProvisionEvent): Promise<void>;
  /** Lets go of a node that rests already; `progress`: and writes where the operation stands. */
  restAgain(progress?: 'progress'): Promise<void>;
  /** Ends the operation with a last transition. */
  end(event: ProvisionEvent, move?: Move): Promise<void>;
  /** Ends an operation whose last transition has happened. `said` goes to the history. */
  release(set: NodeChange, said?: string): Promise<void>;
  /** Ends a failed operation: with the event that says so, or by a release when the state is a failed one already. */
  conclude(text: string, set: NodeChange, target?: ProvisionState): Promise<void>;
}

export interface SegmentParts {
  side: ConductorSide;
  step: StepContext;
  operationId: string;
  purpose: string;
  historyType: string;
  row: NodeRow;
  progress: Progress;
  actor: Actor;
}

/** Begins a stretch on a node this conductor has just taken. */
export function makeSegment(parts: SegmentParts): Segment {
  const { side, step, row, progress, operationId, actor } = parts;
  const { store, clock } = side;
  const node = toNode(row, side.sealer);
  const interfaces = side.registry.of(node);
  const guard = { fence: row.fence, operationId };
  const pending: NodeChange = {};
  const intents: bigint[] = [];
  let since = row.provision_updated_at;
  let cancelMark: (() => void) | undefined;
  let marking: Promise<void> | undefined;
  let markFailed: unknown;

  const mayAct = () => {
    step.signal.throwIfAborted();
    step.lease.assertHeld();
  };
  /** Takes the changes that wait: they go out with the write at hand. */
  const taken = (extra: NodeChange = {}): NodeChange => {
    const set = { ...pending, ...extra };
    for (const key of Object.keys(pending) as (keyof NodeChange)[]) delete pending[key];
    return set;
  };
  const lost = () => workErrors.LeaseLost(`node ${node.uuid} belongs to another conductor or operation now`);
  const write = async (set: NodeChange) => {
    mayAct();
    if (!(await side.nodes.save({ nodeUuid: node.uuid, guard, set }))) throw lost();
    store.changes.announce('nodes', node.uuid);
  };
  const settle = async () => {
    cancelMark?.();
    cancelMark = undefined;
    await marking;
    if (markFailed !== undefined) throw markFailed;
  };
  const progressNow = () => JSON.parse(JSON.stringify(progress)) as Document;
  const change = async (event: ProvisionEvent, move: Move, extra: NodeChange) => {
    await settle();
    mayAct();
    const set = taken({ ...move.set, ...extra });
    const closeIntents = intents.splice(0);
    const done = await side.nodes.transition({
      nodeUuid: node.uuid,
      from: node.provisionState,
      event,
      ...(move.target === undefined ? {} : { target: move.target }),
      since,
      guard,
      set,
      closeIntents,
      note: {
        conductor: step.lease.host,
        userId: actor.userId,
        projectId: actor.projectId,
        type: parts.historyType,
        ...(move.said === undefined ? {} : { event: move.said }),
        ...(move.failed === undefined ? {} : { failed: move.failed }),
      },
    });
    if (done === undefined) throw lost();
    since = new Date(clock.now()).toISOString();
    node.provisionState = done.state;
    node.targetProvisionState =
      STATES[done.state].kind === 'stable' ? null : (move.target ?? STATES[done.state].target);
    node.revision = done.revision;
    store.changes.announce('nodes', node.uuid);
  };

  const release = async (set: NodeChange, said?: string) => {
    await settle();
    await side.intents.close(intents.splice(0));
    if (said !== undefined) {
      const who = { userId: actor.userId, projectId: actor.projectId, conductor: step.lease.host };
      const note = { nodeUuid: node.uuid, severity: 'WARNING', type: parts.historyType, event: said } as const;
      await addHistory(store, [{ ...note, ...who }]);
    }
    await write(taken({ ...set, ...RELEASED }));
  };

  const notes: NodeNotes = {
    internal(keys) {
      const info = { ...node.driverInternalInfo };
      for (const [key, value] of Object.entries(keys)) {
        if (value === undefined) delete info[key];
        else info[key] = value;
      }
      node.driverInternalInfo = info;
      pending.driver_internal_info = info;
    },
    raidConfig(config) {
      node.raidConfig = config;
      pending.raid_config = config;
    },
    bootMode(mode) {
      pending.boot_mode = mode;
    },
    secureBoot(on) {
      pending.secure_boot = on;
    },
  };
  const mark: Segment['mark'] = (on, what, details = {}) => {
    addMark((progress.timeline ??= []), { at: clock.now(), ...details, on, what });
  };
  const keepTimeline = async (succeeded: boolean) => {
    const marks = progress.timeline;
    if (marks === undefined || marks.length === 0) return;
    const bytes = Number(node.driverInternalInfo['image_bytes']);
    await side.timelines.keep({
      operationId,
      operation: parts.purpose,
      nodeUuid: node.uuid,
      resourceClass: node.resourceClass,
      imageBytes: Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null,
      succeeded,
      marks,
      endedAt: clock.now(),
    });
  };
  const save = async () => {
    await settle();
    await write(taken({ progress: progressNow() }));
  };
  const call = (purpose = parts.purpose, resumed = false): DriverCall => ({
    saveNotes: save,
    mark,
    node,
    purpose,
    resumed,
    signal: step.signal,
    lease: step.lease,
    power,
    notes,
    interfaces,
    assertMayWrite: mayAct,
  });
  const power = makePower({
    side,
    call: () => call('power'),
    begin: async (action) => {
      const intent = { nodeUuid: node.uuid, operationId, fence: node.fence, action, absolute: true };
      const id = await side.intents.open(intent);
      if (id === undefined) throw lost();
      intents.push(id);
    },
    seen: (state) => {
      if (node.powerState !== state) pending.power_state = state;
      node.powerState = state;
    },
  });

  return {
    side,
    node,
    interfaces,
    progress,
    actor,
    power,
    signal: step.signal,
    resumed: step.resumed,
    pending,
    call,
    markSoon() {
      cancelMark ??= clock.after(MARK_AFTER_MS, () => {
        // The write runs beside the driver's step; whoever writes next waits for it first.
        marking = write(taken({ progress: progressNow() })).catch((error) => {
          markFailed = error;
        });
      });
    },
    mark,
    settle,
    save,
    move: (event, move = {}) => change(event, move, {}),
    moveWithProgress: (event, move = {}) => change(event, move, { progress: progressNow() }),
    rest: (event) => change(event, { target: node.targetProvisionState }, { ...RESTING, progress: progressNow() }),
    async restAgain(what) {
      await settle();
      await write(taken(what === undefined ? RESTING : { ...RESTING, progress: progressNow() }));
    },
    async end(event, move = {}) {
      await keepTimeline(true);
      await change(event, move, RELEASED);
    },
    release,
    async conclude(text, set, target) {
      await keepTimeline(false);
      const all = { ...set, last_error: text };
      // A failed state, or one that no failure leads out of: the last transition has happened.
      const event = failureEvent(node.provisionState);
      if (event === undefined) return await release(all, text);
      const move: Move = { said: text, set: all, failed: true, ...(target === undefined ? {} : { target }) };
      await change(event, move, RELEASED);
    },
  };
}
