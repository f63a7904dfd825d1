import type { SerialLine } from '#contracts/console';
import { Attribution, type TenancyCheck } from '../model/attribution.ts';
import type { ConsoleRecord, PlacedRecord, RecordKind } from '../log/record.ts';
import type { RingLog } from '../log/ring.ts';
import type { LineState } from '../store/lines.ts';

/** Waiting for the database no more than this is held in memory; older pieces become nobody's. */
const MAX_PENDING = 256 * 1024;
const MAX_PENDING_MS = 3_000;

interface Pending {
  kind: RecordKind;
  at: number;
  /** When its first and its last byte came. */
  first: number;
  last: number;
  bytes: Buffer;
}

/** What a console tells those that watch it. */
export interface Watcher {
  records(records: readonly PlacedRecord[]): void;
  /** The tenancy the node has now, told after every check. */
  tenancy(now: number | null): void;
  /** People may no longer connect. */
  switchedOff(): void;
  /** It is not recorded here any more. */
  moved(): void;
}

/** One node's console in the process that records it: the recording, whose the bytes are, and who watches. */
export class NodeConsole {
  readonly uuid: string;
  readonly group: string;
  readonly log: RingLog;
  readonly attribution: Attribution;
  readonly watchers = new Set<Watcher>();
  line: SerialLine | undefined;
  state: LineState = 'connecting';
  detail: string | null = null;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  readonly #dirty: (console: NodeConsole) => void;

  constructor(parts: {
    uuid: string;
    group: string;
    log: RingLog;
    settleMs: number;
    dirty: (console: NodeConsole) => void;
  }) {
    this.uuid = parts.uuid;
    this.group = parts.group;
    this.log = parts.log;
    this.attribution = new Attribution(parts.settleMs);
    this.#dirty = parts.dirty;
  }

  /** What the machine said, or a note of the recorder's. It is kept once it is known whose it is. */
  take(kind: RecordKind, bytes: Buffer, at: number, monotonic: number): void {
    const last = this.#pending.at(-1);
    // Programs read in small pieces; one record for what came within the same moment.
    if (kind === 'output' && last?.kind === 'output' && monotonic - last.first < 5 && last.bytes.length < 8192) {
      last.bytes = Buffer.concat([last.bytes, bytes]);
      last.last = monotonic;
    } else this.#pending.push({ kind, at, first: monotonic, last: monotonic, bytes: Buffer.from(bytes) });
    this.#pendingBytes += bytes.length;
    this.#dirty(this);
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Takes a check and gives what can be written now. */
  settle(check: TenancyCheck): ConsoleRecord[] {
    const ready = this.#pending.filter(({ last }) => last <= check.askedAt);
    this.#pending = this.#pending.filter(({ last }) => last > check.askedAt);
    this.#pendingBytes = this.#pending.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const owners = this.attribution.settle(
      check,
      ready.map(({ first }) => first),
    );
    return ready.map(({ kind, at, bytes }, i) => ({ kind, at, tenancy: owners[i] ?? null, bytes }));
  }

  /** No check could be made for too long, or too much waits: nobody's, which means the operators'. */
  giveUp(monotonic: number): ConsoleRecord[] {
    const oldest = this.#pending[0];
    if (oldest === undefined) return [];
    if (this.#pendingBytes < MAX_PENDING && monotonic - oldest.first < MAX_PENDING_MS) return [];
    const all = this.#pending.map(({ kind, at, bytes }) => ({ kind, at, tenancy: null, bytes }));
    this.#pending = [];
    this.#pendingBytes = 0;
    return all;
  }

  tell(records: readonly PlacedRecord[]): void {
    for (const watcher of [...this.watchers]) watcher.records(records);
  }
}
