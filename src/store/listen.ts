import pg from 'pg';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import type { StoreLog } from './log.ts';
import { clientConfig, type Deadlines } from './pool.ts';

const CHANNEL = 'ingot_changes';
const PING_MS = 5_000;
const PING_DEADLINE_MS = 5_000;
const BACKOFF_MS = [50, 100, 250, 500, 1_000] as const;

/** The one connection of a process that listens. It also sends, so that pooled ones stay free for work. */
export interface Listener {
  /** Resolves once listening; later calls do nothing. Never rejects: it keeps trying. */
  start(): Promise<void>;
  send(payloads: string[]): Promise<void>;
  close(): Promise<void>;
}

export interface ListenerEvents {
  payload(text: string): void;
  /** Listening (again): what happened before was not heard. */
  connected(): void;
}

/** Makes the listener; connects on `start` or on the first `send`. */
export function makeListener(
  url: string,
  deadlines: Deadlines,
  clock: Clock,
  log: StoreLog,
  events: ListenerEvents,
): Listener {
  let client: pg.Client | undefined;
  let stopPing: (() => void) | undefined;
  let connecting: Promise<void> | undefined;
  const closing = new AbortController();

  const drop = (dead: pg.Client) => {
    if (client !== dead) return;
    client = undefined;
    stopPing?.();
    if (!closing.signal.aborted) connecting = connect();
  };
  const connectOnce = async () => {
    const fresh = new pg.Client({
      ...clientConfig(url, 'ingot-changes', deadlines),
      query_timeout: PING_DEADLINE_MS,
    });
    fresh.on('error', () => {});
    fresh.on('notification', (message) => {
      // Ours come back too; subscribers here were told at the commit.
      if (message.processId !== (fresh as { processID?: number }).processID) events.payload(message.payload ?? '');
    });
    try {
      await fresh.connect();
      // A notification carries no data: losing one in a crash costs nothing, since all rescan after it.
      await fresh.query('set synchronous_commit = off');
      await fresh.query(`listen ${CHANNEL}`);
    } catch (error) {
      destroy(fresh);
      throw error;
    }
    if (closing.signal.aborted) return destroy(fresh);
    client = fresh;
    fresh.on('end', () => drop(fresh));
    fresh.on('error', () => {
      drop(fresh);
      destroy(fresh);
    });
    // A host that vanished sends no FIN; only asking tells.
    stopPing = clock.every(PING_MS, () => {
      fresh.query('select 1').catch(() => {
        drop(fresh);
        destroy(fresh);
      });
    });
    events.connected();
  };
  const connect = async () => {
    for (let attempt = 0; !closing.signal.aborted; attempt++) {
      try {
        await connectOnce();
        if (attempt > 0) log.info({}, 'listening to changes again');
        return;
      } catch (error) {
        if (attempt === 0) log.warn({ error: messageOf(error) }, 'cannot listen to changes; trying again');
      }
      const wait = BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length - 1)] ?? 1_000;
      await clock.sleep(wait, closing.signal).catch(() => {});
    }
  };
  const start = () => {
    connecting ??= connect();
    return connecting;
  };
  return {
    start,
    async send(payloads) {
      if (connecting === undefined) await start();
      const now = client;
      if (now === undefined) throw new Error('the listening connection is away');
      try {
        const text = 'select pg_notify($1, p) from unnest($2::text[]) p';
        await now.query({ name: 'notify', text, values: [CHANNEL, payloads] });
      } catch (error) {
        // Whatever it was: a new connection makes everybody look again.
        drop(now);
        destroy(now);
        throw error;
      }
    },
    async close() {
      closing.abort(new Error('closed'));
      stopPing?.();
      const last = client;
      client = undefined;
      if (last) destroy(last);
      await connecting;
    },
  };
}

/** Ends a connection without waiting for a server that may be silent. */
function destroy(client: pg.Client): void {
  const stream = (client as unknown as { connection?: { stream?: { destroy(): void } } }).connection?.stream;
  client.end().catch(() => {});
  stream?.destroy();
}
