import { connect as connectSocket, type Socket } from 'node:net';
import { type Clock, systemClock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { errors } from './errors.ts';
import { lineSplitter, parseFrame, type QmpEvent, type QmpFrame } from './frames.ts';

const LINE_LIMIT = 4 * 1024 * 1024;

interface Waiting {
  command: string;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  cancelTimer(): void;
}

/** How long things may take, in milliseconds. */
export interface QmpOptions {
  /** For the socket to appear and the greeting to arrive. Default 10 s. */
  connectMs?: number;
  /** For each command. Default 10 s. */
  commandMs?: number;
  clock?: Clock;
  signal?: AbortSignal;
}

/**
 * One connection to a QEMU monitor. Commands may overlap; answers are matched by id. Events reach every
 * listener in the order QEMU sent them.
 */
export class QmpClient {
  readonly version: string;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #commandMs: number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: QmpEvent) => void>();
  readonly #onClose = new Set<() => void>();
  #next = 1;
  #closed = false;

  private constructor(socket: Socket, version: string, clock: Clock, commandMs: number) {
    this.#socket = socket;
    this.version = version;
    this.#clock = clock;
    this.#commandMs = commandMs;
  }

  /**
   * Connects to the monitor's unix socket, waiting for it to appear (QEMU makes it a moment after it starts),
   * and leaves capability negotiation. Throws QmpUnreachable, QmpGarbage.
   */
  static async connect(path: string, options: QmpOptions = {}): Promise<QmpClient> {
    const clock = options.clock ?? systemClock;
    const until = clock.monotonic() + (options.connectMs ?? 10_000);
    for (;;) {
      options.signal?.throwIfAborted();
      try {
        return await QmpClient.#once(path, until - clock.monotonic(), clock, options.commandMs ?? 10_000);
      } catch (cause) {
        const code = (cause as NodeJS.ErrnoException).code;
        const early = code === 'ENOENT' || code === 'ECONNREFUSED';
        if (!early || clock.monotonic() >= until) throw errors.QmpUnreachable(path, { cause });
        await clock.sleep(15, options.signal);
      }
    }
  }

  static #once(path: string, ms: number, clock: Clock, commandMs: number): Promise<QmpClient> {
    return new Promise((resolve, reject) => {
      const socket = connectSocket(path);
      let client: QmpClient | undefined;
      const fail = (error: unknown) => {
        cancel();
        socket.destroy();
        if (client === undefined) reject(error);
        else client.#end(error);
      };
      const cancel = clock.after(Math.max(1, ms), () => fail(errors.QmpTimeout('the greeting', ms)));
      const onFrame = (frame: QmpFrame) => {
        if (client !== undefined) {
          client.#receive(frame);
          return;
        }
        if (frame.kind !== 'greeting') throw errors.QmpGarbage('no greeting');
        cancel();
        client = new QmpClient(socket, frame.version, clock, commandMs);
        client.execute('qmp_capabilities').then(() => resolve(client as QmpClient), reject);
      };
      const split = lineSplitter(LINE_LIMIT, (line) => onFrame(parseFrame(line)));
      socket.setEncoding('utf8');
      socket.on('data', (chunk: string) => {
        try {
          split(chunk);
        } catch (error) {
          fail(error);
        }
      });
      socket.on('error', fail);
      socket.on('close', () => fail(errors.QmpClosed()));
    });
  }

  /** True once the connection is gone; it does not come back. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Runs one command; gives QEMU's `return`. Throws QmpRefused, QmpTimeout, QmpClosed. */
  execute(command: string, args?: Record<string, unknown>, timeoutMs = this.#commandMs): Promise<unknown> {
    if (this.#closed) return Promise.reject(errors.QmpClosed());
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#clock.after(timeoutMs, () => {
        this.#waiting.delete(id);
        reject(errors.QmpTimeout(command, timeoutMs));
      });
      this.#waiting.set(id, { command, resolve, reject, cancelTimer });
      const message = args === undefined ? { execute: command, id } : { execute: command, arguments: args, id };
      this.#socket.write(`${JSON.stringify(message)}\n`);
    });
  }

  /** Calls `fn` for every event; returns what stops it. */
  onEvent(fn: (event: QmpEvent) => void): () => void {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }

  /** Calls `fn` once when the connection is gone (at once if it already is). */
  onClose(fn: () => void): void {
    if (this.#closed) fn();
    else this.#onClose.add(fn);
  }

  /** The next event called `name`. Throws QmpTimeout after `timeoutMs`, QmpClosed. */
  nextEvent(name: string, timeoutMs: number): Promise<QmpEvent> {
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        stop();
        cancel();
        this.#onClose.delete(onClose);
        settle();
      };
      const onClose = () => done(() => reject(errors.QmpClosed()));
      const cancel = this.#clock.after(timeoutMs, () =>
        done(() => reject(errors.QmpTimeout(`event ${name}`, timeoutMs))),
      );
      const stop = this.onEvent((event) => {
        if (event.name === name) done(() => resolve(event));
      });
      this.onClose(onClose);
    });
  }

  /** Closes the connection; waiting commands fail with QmpClosed. */
  close(): void {
    this.#end(errors.QmpClosed());
    this.#socket.destroy();
  }

  #receive(frame: QmpFrame): void {
    if (frame.kind === 'event') {
      for (const listener of [...this.#listeners]) listener(frame.event);
      return;
    }
    if (frame.kind === 'greeting' || frame.id === undefined) return;
    const waiting = this.#waiting.get(frame.id);
    if (waiting === undefined) return; // timed out before
    this.#waiting.delete(frame.id);
    waiting.cancelTimer();
    if (frame.kind === 'return') waiting.resolve(frame.value);
    else waiting.reject(errors.QmpRefused(waiting.command, frame.description));
  }

  #end(error: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    const closed = errors.QmpClosed({ cause: messageOf(error) });
    for (const waiting of this.#waiting.values()) {
      waiting.cancelTimer();
      waiting.reject(closed);
    }
    this.#waiting.clear();
    for (const fn of [...this.#onClose]) fn();
    this.#onClose.clear();
  }
}
