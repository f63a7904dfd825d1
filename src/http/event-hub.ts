import type { Clock } from '#kernel/clock';
import { newUuid } from '#kernel/ids';
import type { Log } from '#platform/log';
import type { Gauge, Metrics } from '#platform/metrics';
import type { Authoriser, Caller, PolicyTarget } from './contract.ts';
import { EventStream, type StreamSink } from './event-stream.ts';

/** A row that changed; '*' as id means anything of the topic. The store's `Change` fits. */
export interface Changed {
  topic: string;
  id: string;
}

/** What is told of a changed row, to those whom `rule` allows to see `target`. */
export interface ChangeStory extends Changed {
  /** Made into JSON once for everyone: only facts that all who may see the row may know. */
  data: unknown;
  rule: string;
  target: PolicyTarget;
}

/** Where events come from. */
export interface EventSource {
  subscribe(topic: string, fn: (change: Changed) => void): () => void;
  /**
   * Reads the truth of changed rows, all at once: it is called for many changes together and once for all streams.
   * Rows left out are told to nobody. For a deleted row give its last known target.
   */
  describe(changes: readonly Changed[]): Promise<readonly ChangeStory[]>;
}

export interface HubLimits {
  /** Changes of this many milliseconds are told together. */
  coalesceMs: number;
  heartbeatMs: number;
  /** A stream ends after this, so that a token that has run out does not see on. */
  lifeMs: number;
  maxStreams: number;
  /** Bytes a slow reader may leave unread. */
  maxUnread: number;
  /** Events kept for streams that come back. */
  memory: number;
  /** More changed rows than this between two tellings become one "read it all again". */
  maxPending: number;
}

const DEFAULTS: HubLimits = {
  coalesceMs: 50,
  heartbeatMs: 15_000,
  lifeMs: 3_600_000,
  maxStreams: 1000,
  maxUnread: 256 * 1024,
  memory: 1000,
  maxPending: 1000,
};

const DESCRIBE_MS = 10_000;

/** An event that was told, kept for those who come back. */
interface Told {
  seq: number;
  topic: string;
  text: string;
  /** Absent: for everybody. */
  guard?: { rule: string; target: PolicyTarget };
}

/**
 * Tells changes to event streams. Streams of callers with the same rights share one look at the policy, so a
 * change costs one look per kind of caller and one write per stream that may see it.
 */
export class EventHub {
  readonly #source: EventSource;
  readonly #authoriser: Authoriser;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #limits: HubLimits;
  readonly #gauge: Gauge;
  readonly #boot = newUuid().slice(0, 8);
  readonly #kinds = new Map<string, { caller: Caller; streams: Set<EventStream> }>();
  readonly #pending = new Map<string, Changed>();
  readonly #memory: Told[] = [];
  readonly #stop: (() => void)[];
  #fresh: Told[] = [];
  #flushTimer: (() => void) | undefined;
  #flushing = false;
  #seq = 0;
  #count = 0;

  constructor(
    source: EventSource,
    parts: { authoriser: Authoriser; clock: Clock; log: Log; metrics: Metrics },
    limits: Partial<HubLimits> = {},
  ) {
    this.#source = source;
    this.#authoriser = parts.authoriser;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#limits = { ...DEFAULTS, ...limits };
    this.#gauge = parts.metrics.gauge('ingot_event_streams', 'Open event streams').with({});
    this.#stop = [
      source.subscribe('*', (change) => this.#changed(change)),
      this.#clock.every(this.#limits.heartbeatMs, () => this.#beat()),
    ];
  }

  get full(): boolean {
    return this.#count >= this.#limits.maxStreams;
  }

  get maxStreams(): number {
    return this.#limits.maxStreams;
  }

  /**
   * Begins a stream. `topics` null means all. With the id of the last event seen, what was missed is told again if
   * it is still known; else the stream begins with `resync`: read everything once more.
   */
  open(sink: StreamSink, caller: Caller, topics: ReadonlySet<string> | null, lastEventId: string | undefined): void {
    const key = kindOf(caller);
    const kind = this.#kinds.get(key) ?? { caller, streams: new Set<EventStream>() };
    this.#kinds.set(key, kind);
    const stream = new EventStream(sink, topics, this.#limits.maxUnread, this.#clock);
    kind.streams.add(stream);
    this.#count++;
    this.#gauge.set(this.#count);
    const cancelLife = this.#clock.after(this.#limits.lifeMs, () => stream.end('bye', { reason: 'old' }));
    stream.onClose(() => {
      cancelLife();
      kind.streams.delete(stream);
      if (kind.streams.size === 0) this.#kinds.delete(key);
      this.#count--;
      this.#gauge.set(this.#count);
    });
    stream.write(`retry: 2000\n${this.#text(this.#seq, 'hello', { streams: this.#count })}`);
    this.#catchUp(stream, caller, lastEventId);
  }

  /** Ends all streams: the server stops. Clients come back to another process. */
  drain(): void {
    for (const { streams } of this.#kinds.values())
      for (const stream of streams) stream.end('bye', { reason: 'stopping' });
  }

  close(): void {
    for (const stop of this.#stop) stop();
    this.#flushTimer?.();
    this.drain();
  }

  #catchUp(stream: EventStream, caller: Caller, lastEventId: string | undefined): void {
    if (lastEventId === undefined) return;
    const [boot, word = ''] = lastEventId.split('-');
    const seen = /^\d{1,15}$/.test(word) ? Number(word) : -1;
    const oldest = this.#memory[0]?.seq ?? this.#seq + 1;
    if (boot !== this.#boot || seen < oldest - 1 || seen > this.#seq) {
      stream.write(this.#text(this.#seq, 'resync', { topic: '*' }));
      return;
    }
    for (const told of this.#memory) {
      if (told.seq > seen && stream.wants(told.topic) && this.#maySee(caller, told)) stream.write(told.text);
    }
  }

  #changed(change: Changed): void {
    if (this.#count === 0) {
      // Nobody listens, so nothing is read. Whoever comes back is told to read everything again.
      this.#memory.length = 0;
      this.#seq++;
      return;
    }
    if (this.#pending.size >= this.#limits.maxPending) {
      const topics = new Set([...this.#pending.values()].map(({ topic }) => topic));
      this.#pending.clear();
      for (const topic of topics) this.#pending.set(`${topic} *`, { topic, id: '*' });
    }
    if (!this.#pending.has(`${change.topic} *`)) this.#pending.set(`${change.topic} ${change.id}`, change);
    if (this.#flushTimer === undefined) this.#schedule();
  }

  #schedule(): void {
    this.#flushTimer = this.#clock.after(this.#limits.coalesceMs, () => {
      this.#flushTimer = undefined;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    if (this.#flushing) {
      this.#schedule();
      return;
    }
    const batch = [...this.#pending.values()];
    this.#pending.clear();
    if (batch.length === 0) return;
    this.#flushing = true;
    try {
      const rows = batch.filter((change) => change.id !== '*');
      for (const { topic, id } of batch) if (id === '*') this.#remember(topic, 'resync', { topic });
      const stories = rows.length === 0 ? [] : await this.#describe(rows);
      for (const { topic, id, data, rule, target } of stories)
        this.#remember(topic, topic, { id, data }, { rule, target });
    } catch (err) {
      this.#log.warn({ err, changes: batch.length }, 'changes could not be read for the event streams');
      for (const topic of new Set(batch.map((change) => change.topic))) this.#remember(topic, 'resync', { topic });
    } finally {
      this.#flushing = false;
    }
    this.#tell();
  }

  /** Has a deadline: a database that never answers must not silence the streams for ever. */
  async #describe(rows: readonly Changed[]): Promise<readonly ChangeStory[]> {
    const stop = new AbortController();
    try {
      const late = this.#clock.sleep(DESCRIBE_MS, stop.signal).then(() => {
        throw new Error(`reading changes took more than ${DESCRIBE_MS} ms`);
      });
      late.catch(() => {});
      return await Promise.race([this.#source.describe(rows), late]);
    } finally {
      stop.abort();
    }
  }

  #remember(topic: string, event: string, data: unknown, guard?: Told['guard']): void {
    const seq = ++this.#seq;
    const told: Told = { seq, topic, text: this.#text(seq, event, data) };
    if (guard !== undefined) told.guard = guard;
    this.#fresh.push(told);
  }

  /** Writes what is fresh: one look at the policy per kind of caller, one write per stream. */
  #tell(): void {
    const fresh = this.#fresh;
    this.#fresh = [];
    for (const { caller, streams } of this.#kinds.values()) {
      const seen = fresh.filter((told) => this.#maySee(caller, told));
      if (seen.length === 0) continue;
      const whole = seen.map((told) => told.text).join('');
      for (const stream of streams) {
        stream.write(
          stream.wantsAll
            ? whole
            : seen
                .filter((told) => stream.wants(told.topic))
                .map((told) => told.text)
                .join(''),
        );
      }
    }
    this.#memory.push(...fresh);
    if (this.#memory.length > this.#limits.memory) this.#memory.splice(0, this.#memory.length - this.#limits.memory);
  }

  #maySee(caller: Caller, { guard }: Told): boolean {
    return guard === undefined || this.#authoriser.allows(guard.rule, caller, guard.target);
  }

  #beat(): void {
    for (const { streams } of this.#kinds.values()) for (const stream of streams) stream.write(': beat\n\n');
  }

  #text(seq: number, event: string, data: unknown): string {
    // JSON has no raw line feeds, so one `data:` line is enough; topics come from our own tables.
    return `id: ${this.#boot}-${seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  }
}

/** Callers for whom every rule says the same. */
function kindOf(caller: Caller): string {
  return JSON.stringify([caller.userId, caller.projectId, caller.domainId, caller.system, [...caller.roles].sort()]);
}
