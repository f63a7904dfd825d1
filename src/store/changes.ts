import type { Clock } from '#kernel/clock';
import type { Change } from './contract.ts';
import type { StoreLog } from './log.ts';

/** At most one NOTIFY per process in this time. */
const COALESCE_MS = 10;
/** More changed rows of one topic than this in one batch are told as "all of it". */
const MANY = 1000;
/** PostgreSQL takes 7999 bytes. */
const PAYLOAD_BYTES = 7_900;

/** How a batch leaves the process. Rejects when it did not. */
export type SendBatch = (payloads: string[]) => Promise<void>;

/** The feed of a process: subscribers here are told at once, other processes by one NOTIFY per 10 ms. */
export interface Feed {
  /** See `ChangeFeed.subscribe`. */
  subscribe(topic: string, fn: (change: Change) => void): () => void;
  announce(changes: Iterable<Change>): void;
  /** Takes a payload another process sent. */
  receive(payload: string): void;
  /** Tells everyone here that anything may have changed, and sends what could not be sent before. */
  reconnected(): void;
  /** Sends what is waiting. */
  flush(): Promise<void>;
}

/** Makes a feed that sends its batches with `send`. */
export function makeFeed(clock: Clock, log: StoreLog, send: SendBatch): Feed {
  const subscribers = new Map<string, Set<(change: Change) => void>>();
  const pending = new Map<string, Set<string>>();
  let timer: (() => void) | undefined;
  let sending: Promise<void> | undefined;
  let away = false;
  let lastSent = Number.NEGATIVE_INFINITY;

  const call = (fn: (change: Change) => void, change: Change) => {
    try {
      fn(change);
    } catch (error) {
      log.error({ error: String(error), topic: change.topic }, 'a subscriber to changes failed');
    }
  };
  const tell = (change: Change) => {
    for (const fn of subscribers.get(change.topic) ?? []) call(fn, change);
    for (const fn of subscribers.get('*') ?? []) call(fn, change);
  };
  const tellAll = () => {
    for (const [topic, set] of subscribers) for (const fn of set) call(fn, { topic, id: '*' });
  };
  const flush = async (): Promise<void> => {
    timer?.();
    timer = undefined;
    if (sending) {
      await sending;
      return flush();
    }
    if (pending.size === 0) return;
    const batch = [...pending];
    pending.clear();
    lastSent = clock.monotonic();
    sending = send(encodeBatch(batch)).catch((error) => {
      // Told as "all of it" when the connection is back.
      for (const [topic] of batch) pending.set(topic, new Set(['*']));
      away = true;
      log.warn({ error: String(error) }, 'changes cannot be told to other processes for now');
    });
    await sending;
    sending = undefined;
  };
  const schedule = () => {
    if (timer || away || pending.size === 0) return;
    const wait = Math.max(0, lastSent + COALESCE_MS - clock.monotonic());
    timer = clock.after(wait, () => {
      timer = undefined;
      void flush();
    });
  };
  return {
    subscribe(topic, fn) {
      const set = subscribers.get(topic) ?? new Set();
      subscribers.set(topic, set);
      set.add(fn);
      return () => {
        set.delete(fn);
      };
    },
    announce(changes) {
      for (const change of changes) {
        const ids = pending.get(change.topic);
        if (ids === undefined) pending.set(change.topic, new Set([change.id]));
        else if (ids.size < MANY) ids.add(change.id);
        else pending.set(change.topic, new Set(['*']));
        tell(change);
      }
      schedule();
    },
    receive(payload) {
      for (const change of decodeBatch(payload)) tell(change);
    },
    reconnected() {
      away = false;
      tellAll();
      schedule();
    },
    flush,
  };
}

/** Texts for NOTIFY: `topic id id id`, several lines each, none too long. */
export function encodeBatch(batch: Iterable<[topic: string, ids: Iterable<string>]>): string[] {
  const payloads: string[] = [];
  let text = '';
  let size = 0;
  for (const [topic, ids] of batch) {
    const head = encodeURIComponent(topic);
    let fresh = true;
    const all = [...ids];
    for (const id of all.includes('*') ? ['*'] : all) {
      const word = ` ${encodeURIComponent(id)}`;
      const line = `${text === '' ? '' : '\n'}${head}`;
      let add = fresh ? line + word : word;
      if (text !== '' && size + add.length > PAYLOAD_BYTES) {
        payloads.push(text);
        text = '';
        size = 0;
        add = head + word;
      }
      text += add;
      size += add.length;
      fresh = false;
    }
  }
  if (text !== '') payloads.push(text);
  return payloads;
}

/** The inverse of `encodeBatch`. What does not parse is skipped: anyone with the password may NOTIFY. */
export function decodeBatch(payload: string): Change[] {
  const changes: Change[] = [];
  for (const line of payload.split('\n')) {
    const [head, ...ids] = line.split(' ');
    try {
      const topic = decodeURIComponent(head ?? '');
      for (const id of ids) if (id !== '') changes.push({ topic, id: decodeURIComponent(id) });
    } catch {
      // a broken escape: not from us
    }
  }
  return changes;
}
