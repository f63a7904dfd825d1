import type { WebSocket } from 'ws';
import type { Scope } from '../model/scope.ts';
import { scopedRecords } from '../log/read.ts';
import { replay } from '../log/replay.ts';
import type { NodeConsole, Watcher } from '../recorder/node-console.ts';
import { ENDS, type SessionEnd, type Ticket } from './ticket.ts';

const REPLAY_BYTES = 32 * 1024;
/** Typed bytes of one message. */
const MAX_TYPED = 16 * 1024;
const CHUNK = 64 * 1024;

/** Who writes on a console, and who watches: shared by the sessions of a node. */
export interface Desk {
  readonly sessions: ReadonlySet<{ ticket: Ticket }>;
  writer(): Ticket | null;
  /** Makes this session the writer; the one before is told. */
  take(ticket: Ticket): void;
  release(ticket: Ticket): void;
}

/**
 * One person at a serial console. It reads the recording as it grows, at the reader's own pace: however slow a reader
 * is, no more than one piece of it waits in memory, and nobody else waits for it.
 */
export class SerialSession implements Watcher {
  readonly ticket: Ticket;
  readonly #socket: WebSocket;
  readonly #console: NodeConsole;
  readonly #desk: Desk;
  readonly #scope: Scope;
  /** The client knows our control messages (text frames). */
  readonly #speaks: boolean;
  #news = true;
  #wake: () => void = () => {};
  #ended: SessionEnd | undefined;

  constructor(parts: { ticket: Ticket; socket: WebSocket; console: NodeConsole; desk: Desk }) {
    this.ticket = parts.ticket;
    this.#socket = parts.socket;
    this.#console = parts.console;
    this.#desk = parts.desk;
    this.#scope = this.ticket.scope === 'all' ? 'all' : new Set([this.ticket.scope]);
    this.#speaks = parts.socket.protocol === 'ingot.console.v1';
  }

  /** Runs until it is over. */
  async run(): Promise<void> {
    const socket = this.#socket;
    this.#console.watchers.add(this);
    socket.on('message', (data: Buffer, isBinary: boolean) => void this.#message(data, isBinary));
    socket.once('close', () => this.end('closed'));
    if (this.ticket.mode === 'write' && this.#desk.writer() === null) this.#desk.take(this.ticket);
    try {
      const { data, end } = await replay(this.#console.log, this.#scope, REPLAY_BYTES);
      this.#say({ type: 'hello', node: this.ticket.node, mode: this.ticket.mode, replayed: data.length });
      this.sayWriter();
      if (data.length > 0) await this.#send(data);
      await this.#follow(end);
    } finally {
      this.#console.watchers.delete(this);
      this.#desk.release(this.ticket);
      const [code, why] = ENDS[this.#ended ?? 'stopped'];
      this.#say({ type: 'bye', reason: this.#ended ?? 'stopped', text: why });
      socket.close(code, why);
    }
  }

  records(): void {
    this.#news = true;
    this.#wake();
  }

  tenancy(now: number | null): void {
    if (this.ticket.scope !== 'all' && now !== this.ticket.scope) this.end('lease-ended');
  }

  switchedOff(): void {
    this.end('switched-off');
  }

  moved(): void {
    this.end('moved');
  }

  end(why: SessionEnd): void {
    this.#ended ??= why;
    this.#wake();
    // A reader that takes nothing would keep the session open.
    if (this.#socket.bufferedAmount > 0) this.#socket.terminate();
  }

  /** Tells who writes. */
  sayWriter(): void {
    const writer = this.#desk.writer();
    this.#say({
      type: 'writer',
      you: writer?.id === this.ticket.id,
      by: writer?.userName ?? null,
      readers: this.#desk.sessions.size,
    });
  }

  async #follow(from: number): Promise<void> {
    let at = from;
    const { log } = this.#console;
    while (this.#ended === undefined) {
      if (!this.#news) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        if (this.#ended !== undefined) return;
      }
      this.#news = false;
      if (log.start > at) {
        this.#say({ type: 'notice', text: 'you read too slowly: some output is not shown here' });
        at = log.start;
      }
      const to = log.end;
      let parts: Buffer[] = [];
      let size = 0;
      const flush = async () => {
        if (size > 0) await this.#send(Buffer.concat(parts));
        parts = [];
        size = 0;
      };
      for await (const record of scopedRecords(log, this.#scope, at, to)) {
        if (this.#ended !== undefined) return;
        if (record.kind === 'note') {
          await flush();
          this.#say({ type: 'notice', text: record.bytes.toString('utf8') });
          continue;
        }
        parts.push(record.bytes);
        size += record.bytes.length;
        if (size >= CHUNK) await flush();
      }
      await flush();
      at = to;
    }
  }

  async #message(data: Buffer, isBinary: boolean): Promise<void> {
    if (this.#ended !== undefined) return;
    if (isBinary || !this.#speaks) await this.#type(data);
    else this.#control(data);
  }

  async #type(bytes: Buffer): Promise<void> {
    if (bytes.length > MAX_TYPED) {
      this.end('protocol');
      return;
    }
    if (this.#desk.writer()?.id !== this.ticket.id) {
      this.#say({ type: 'notice', text: 'somebody else writes; take over to write yourself' });
      return;
    }
    const { line } = this.#console;
    if (line === undefined) {
      this.#say({ type: 'notice', text: 'the console is not connected now' });
      return;
    }
    // A slow line slows who types, and nobody else.
    this.#socket.pause();
    await line.write(bytes);
    this.#socket.resume();
  }

  #control(data: Buffer): void {
    let type: unknown;
    try {
      ({ type } = JSON.parse(data.toString('utf8')) as { type?: unknown });
    } catch {
      this.end('protocol');
      return;
    }
    if (type === 'take' && this.ticket.mode === 'write') this.#desk.take(this.ticket);
    else if (type === 'release') this.#desk.release(this.ticket);
    else if (type === 'break' && this.#desk.writer()?.id === this.ticket.id) {
      const { line } = this.#console;
      if (line?.sendBreak === undefined) this.#say({ type: 'notice', text: 'this console cannot send a break' });
      else line.sendBreak();
    }
  }

  #say(message: Record<string, unknown>): void {
    if (this.#speaks && this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Resolves when the socket has taken it. */
  #send(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(bytes, () => resolve());
      else resolve();
    });
  }
}
