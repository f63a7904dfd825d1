import type { Socket } from 'node:net';
import type { Clock } from '#kernel/clock';
import { type IngotError, messageOf } from '#kernel/errors';
import { errors } from './errors.ts';
import { jsonStream } from './json-stream.ts';
import { openSocket, type Remote, type TlsKeys } from './remote.ts';

/** Bytes of one message; a whole northbound database of some ten thousand ports has about 20 MB. */
const MESSAGE_LIMIT = 256 * 1024 * 1024;
/** A server is one thread: while it works at a large transaction, or the host is busy, it answers no echo. */
const PATIENCE = 6;
/** Calls that may wait for an answer at once. */
const MAX_CALLS = 10_000;

export interface ConnectionOptions {
  clock: Clock;
  tls?: TlsKeys;
  /** For the socket to open. */
  connectMs: number;
  /** After this long without a byte an echo is sent; after six times as long the connection counts as dead. */
  probeMs: number;
  /** A notification: a message nobody asked for. */
  onNotification(method: string, params: unknown[]): void;
  /** Once, when the connection is gone. */
  onClose(error: IngotError): void;
}

interface Call {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  cancel(): void;
  what: string;
}

/** One JSON-RPC connection to a database server. Calls may overlap; answers are matched by id. */
export class Connection {
  readonly remote: Remote;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #calls = new Map<number, Call>();
  #next = 1;
  #ended: IngotError | undefined;
  #heardAt: number;
  #stopProbe = (): void => {};

  private constructor(remote: Remote, socket: Socket, options: ConnectionOptions) {
    this.remote = remote;
    this.#socket = socket;
    this.#options = options;
    this.#heardAt = options.clock.monotonic();
  }

  /** Connects. Throws `OvsdbUnreachable`. */
  static open(remote: Remote, options: ConnectionOptions): Promise<Connection> {
    const { clock, connectMs } = options;
    return new Promise((resolve, reject) => {
      let made: Connection | undefined;
      const fail = (error: unknown) => {
        cancel();
        socket.destroy();
        if (made === undefined) reject(errors.OvsdbUnreachable(remote.text, messageOf(error), { cause: error }));
        else made.#end(messageOf(error), error);
      };
      const cancel = clock.after(connectMs, () => fail(new Error(`no connection in ${connectMs} ms`)));
      const socket = openSocket(remote, options.tls, () => {
        cancel();
        made = new Connection(remote, socket, options);
        const feed = jsonStream(MESSAGE_LIMIT, (message) => {
          if (made !== undefined) made.#receive(message as Record<string, unknown>);
        });
        socket.on('data', (chunk: Buffer) => {
          try {
            if (made !== undefined) made.#heardAt = clock.monotonic();
            feed(chunk);
          } catch (error) {
            fail(error);
          }
        });
        made.#probe();
        resolve(made);
      });
      socket.on('error', fail);
      socket.on('close', () => fail(new Error('the server closed it')));
    });
  }

  get closed(): boolean {
    return this.#ended !== undefined;
  }

  /** One call. Throws `OvsdbRefused`, `OvsdbTimeout` (outcome unknown), `OvsdbClosed` (likewise once it was sent). */
  call(method: string, params: unknown[], timeoutMs: number, what = method): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#calls.size >= MAX_CALLS) {
      return Promise.reject(errors.OvsdbRefused(what, 'busy', `${MAX_CALLS} calls wait for an answer`));
    }
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const cancel = this.#options.clock.after(timeoutMs, () => {
        this.#calls.delete(id);
        reject(errors.OvsdbTimeout(this.remote.text, what, timeoutMs));
      });
      this.#calls.set(id, { resolve, reject, cancel, what });
      this.#send({ method, params, id });
    });
  }

  /** Ends the connection; calls that wait are rejected. */
  close(why = 'closed by us'): void {
    this.#end(why);
  }

  #send(message: object): void {
    this.#socket.write(JSON.stringify(message));
  }

  #receive(message: Record<string, unknown>): void {
    const { method, id } = message;
    if (typeof method === 'string') {
      const params = Array.isArray(message['params']) ? (message['params'] as unknown[]) : [];
      if (method === 'echo') this.#send({ result: params, error: null, id });
      else this.#options.onNotification(method, params);
      return;
    }
    const call = this.#calls.get(id as number);
    if (call === undefined) return; // its caller gave up
    this.#calls.delete(id as number);
    call.cancel();
    const { error } = message;
    if (error === null || error === undefined) call.resolve(message['result']);
    else call.reject(refusal(call.what, error));
  }

  #probe(): void {
    const { clock, probeMs } = this.#options;
    let asked = false;
    this.#stopProbe = clock.every(probeMs / 2, () => {
      const quiet = clock.monotonic() - this.#heardAt;
      if (quiet >= PATIENCE * probeMs) this.#end(`no byte for ${Math.round(quiet)} ms`);
      else if (quiet < probeMs) asked = false;
      else if (!asked) {
        asked = true;
        this.#send({ method: 'echo', params: [], id: 'echo' });
      }
    });
  }

  #end(why: string, cause?: unknown): void {
    if (this.#ended !== undefined) return;
    const error = errors.OvsdbClosed(this.remote.text, why, { cause });
    this.#ended = error;
    this.#stopProbe();
    this.#socket.destroy();
    for (const call of this.#calls.values()) {
      call.cancel();
      call.reject(error);
    }
    this.#calls.clear();
    this.#options.onClose(error);
  }
}

/** An `<error>` of the protocol (RFC 7047, 3.1), or whatever else stands there, as an error of ours. */
export function refusal(what: string, error: unknown): IngotError {
  if (typeof error !== 'object' || error === null) return errors.OvsdbRefused(what, String(error), '');
  const { error: name, details } = error as { error?: unknown; details?: unknown };
  const text = typeof name === 'string' ? name : JSON.stringify(error);
  return errors.OvsdbRefused(what, text, typeof details === 'string' ? details : '', { details: { error: text } });
}
