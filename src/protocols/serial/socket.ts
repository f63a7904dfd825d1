import { connect, type Socket } from 'node:net';
import type { Clock } from '#kernel/clock';
import { errors } from './errors.ts';
import type { LineWish, OpenLine } from './line.ts';
import { lineOf } from './stream-line.ts';

/** Where a socket is. */
export type SocketPlace = { path: string } | { host: string; port: number };

const CONNECT_MS = 10_000;

/** Connects a socket within ten seconds. Throws SerialUnreachable. */
export async function connectSocket(place: SocketPlace, clock: Clock, signal: AbortSignal): Promise<Socket> {
  const where = placeText(place);
  signal.throwIfAborted();
  const socket = connect({ ...place, keepAlive: true, keepAliveInitialDelay: 30_000, noDelay: true });
  const stop = () => socket.destroy(new Error('no longer wanted'));
  signal.addEventListener('abort', stop, { once: true });
  const cancel = clock.after(CONNECT_MS, () => socket.destroy(new Error(`no answer within ${CONNECT_MS / 1000} s`)));
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return socket;
  } catch (cause) {
    throw errors.SerialUnreachable(where, (cause as Error).message, { cause });
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
  }
}

/** A serial line behind a plain socket, as emulated machines have it. */
export async function openSocketLine(place: SocketPlace, clock: Clock, wish: LineWish): Promise<OpenLine> {
  wish.beforeWrite();
  const socket = await connectSocket(place, clock, wish.signal);
  return lineOf(socket, `socket ${placeText(place)}`, wish.data);
}

function placeText(place: SocketPlace): string {
  return 'path' in place ? place.path : `${place.host}:${place.port}`;
}
