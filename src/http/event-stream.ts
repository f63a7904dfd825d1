import type { Clock } from '#kernel/clock';

/** Where an event stream is written: a response, or a stand-in for tests. */
export interface StreamSink {
  write(text: string): boolean;
  end(text: string): void;
  destroy(): void;
  once(event: 'close', fn: () => void): unknown;
  readonly writableLength: number;
}

/** Milliseconds a reader has to take the final event before the connection is cut. */
const LAST_WORDS_MS = 5000;

/** One open stream of events. What its reader leaves unread is bounded: a slow one is dropped and told so. */
export class EventStream {
  readonly #sink: StreamSink;
  readonly #topics: ReadonlySet<string> | null;
  readonly #maxUnread: number;
  readonly #clock: Clock;
  #ended = false;

  constructor(sink: StreamSink, topics: ReadonlySet<string> | null, maxUnread: number, clock: Clock) {
    this.#sink = sink;
    this.#topics = topics;
    this.#maxUnread = maxUnread;
    this.#clock = clock;
  }

  /** True when no topics were chosen. */
  get wantsAll(): boolean {
    return this.#topics === null;
  }

  wants(topic: string): boolean {
    return this.#topics === null || this.#topics.has(topic);
  }

  write(text: string): void {
    if (this.#ended || text === '') return;
    if (this.#sink.writableLength > this.#maxUnread) this.end('dropped', { reason: 'slow' });
    else this.#sink.write(text);
  }

  /** Writes one last event and closes; cuts the connection when the reader does not take it. */
  end(event: string, data: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sink.end(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    const cancel = this.#clock.after(LAST_WORDS_MS, () => this.#sink.destroy());
    this.#sink.once('close', cancel);
  }

  onClose(fn: () => void): void {
    this.#sink.once('close', () => {
      this.#ended = true;
      fn();
    });
  }
}
