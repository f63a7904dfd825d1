import { createWriteStream, renameSync, rmSync, statSync, type WriteStream } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, systemClock } from '#kernel/clock';
import { errors } from '../errors.ts';

const HISTORY = 64 * 1024;
const LOG_LIMIT = 8 * 1024 * 1024;
const SLOW_READER = 1024 * 1024;

/**
 * The machine's serial line. It outlives the machine's power: readers stay attached while the board is off,
 * as behind a real BMC. Bytes go to every reader; what readers write goes to the guest, or nowhere when
 * there is none.
 */
export class SerialPort {
  readonly #readers = new Set<(bytes: Buffer) => void>();
  readonly #clock: Clock;
  readonly #servers: Server[] = [];
  readonly #clients = new Set<Socket>();
  #input: ((bytes: Buffer) => void) | undefined;
  #history: Buffer = Buffer.alloc(0);
  #log: { path: string; stream: WriteStream; size: number } | undefined;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Bytes the guest wrote. */
  fromGuest(bytes: Buffer): void {
    this.#history = Buffer.concat([this.#history, bytes]);
    if (this.#history.length > HISTORY) this.#history = Buffer.from(this.#history.subarray(-HISTORY));
    this.#write(bytes);
    for (const reader of [...this.#readers]) reader(bytes);
  }

  /** Bytes for the guest. */
  toGuest(bytes: Buffer): void {
    this.#input?.(bytes);
  }

  /** Who takes the bytes written to the guest; undefined when no guest listens. */
  connectGuest(input: ((bytes: Buffer) => void) | undefined): void {
    this.#input = input;
  }

  /** Calls `fn` with what the guest writes from now on; returns what stops it. */
  onData(fn: (bytes: Buffer) => void): () => void {
    this.#readers.add(fn);
    return () => this.#readers.delete(fn);
  }

  /** The last 64 KiB the guest wrote, as text. */
  get history(): string {
    return this.#history.toString('latin1');
  }

  /** Forgets the history, so that `waitFor` sees only what comes. */
  clearHistory(): void {
    this.#history = Buffer.alloc(0);
  }

  /** Waits until the history holds `pattern`; gives the match. Throws LabTimeout. */
  waitFor(pattern: RegExp, timeoutMs: number): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = this.history.match(pattern);
        if (match === null) return false;
        stop();
        cancel();
        resolve(match);
        return true;
      };
      const stop = this.onData(look);
      const cancel = this.#clock.after(timeoutMs, () => {
        stop();
        reject(
          errors.LabTimeout(
            `${pattern} on the serial line (last: ${JSON.stringify(this.history.slice(-300))})`,
            timeoutMs,
          ),
        );
      });
      look();
    });
  }

  /** Keeps everything the guest writes in a file; beyond 8 MiB the older half moves to `<path>.1`. */
  logTo(path: string): void {
    let size = 0;
    try {
      size = statSync(path).size;
    } catch {
      // no such file yet
    }
    this.#log = { path, stream: createWriteStream(path, { flags: 'a' }), size };
  }

  /** Lets QEMU connect at `path`: each connection is the guest's side until the next replaces it. */
  async listenForGuest(path: string): Promise<void> {
    await this.#listen(path, (socket) => {
      this.connectGuest((bytes) => socket.write(bytes));
      socket.on('data', (bytes) => this.fromGuest(bytes));
    });
  }

  /** Lets people and programs connect at `path`, many at a time; a reader that falls 1 MiB behind is cut off. */
  async listenForReaders(path: string): Promise<void> {
    await this.#listen(path, (socket) => {
      const stop = this.onData((bytes) => {
        if (socket.writableLength > SLOW_READER) socket.destroy();
        else socket.write(bytes);
      });
      socket.on('data', (bytes) => this.toGuest(bytes));
      socket.on('close', stop);
    });
  }

  /** Closes sockets and the log. */
  close(): void {
    for (const server of this.#servers) server.close();
    for (const client of this.#clients) client.destroy();
    this.#readers.clear();
    this.#input = undefined;
    this.#log?.stream.end();
    this.#log = undefined;
  }

  #listen(path: string, onSocket: (socket: Socket) => void): Promise<void> {
    rmSync(path, { force: true });
    const server = createServer((socket) => {
      this.#clients.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#clients.delete(socket));
      onSocket(socket);
    });
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  }

  #write(bytes: Buffer): void {
    const log = this.#log;
    if (log === undefined) return;
    log.stream.write(bytes);
    log.size += bytes.length;
    if (log.size < LOG_LIMIT) return;
    log.stream.end();
    renameSync(log.path, `${log.path}.1`);
    this.#log = { path: log.path, stream: createWriteStream(log.path, { flags: 'a' }), size: 0 };
  }
}
