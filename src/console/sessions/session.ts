import type { WebSocket } from 'ws';
import type { PlacedRecord } from '../log/record.ts';
import type { NodeConsole, Watcher } from '../recorder/node-console.ts';
import { ENDS, type SessionEnd, type Ticket } from './ticket.ts';

/** Who writes on a console, and who watches: shared by the sessions of a node. */
export interface Desk {
  /** In the order they came. `waits`: it would write if nobody did. */
  readonly sessions: ReadonlySet<{ ticket: Ticket; waits: boolean }>;
  writer(): Ticket | null;
  /** Makes this session the writer; the one before is told. */
  take(ticket: Ticket): void;
  release(ticket: Ticket): void;
}

export interface SessionParts {
  ticket: Ticket;
  socket: WebSocket;
  console: NodeConsole;
  desk: Desk;
}

/** One person at a console: what serial lines and screens have in common, from the first word to the goodbye. */
export abstract class ConsoleSession implements Watcher {
  readonly ticket: Ticket;
  protected readonly socket: WebSocket;
  protected readonly console: NodeConsole;
  readonly #desk: Desk;
  /** The client knows our control messages (text frames). */
  protected readonly speaks: boolean;
  #ended: SessionEnd | undefined;
  #released = false;

  constructor(parts: SessionParts) {
    this.ticket = parts.ticket;
    this.socket = parts.socket;
    this.console = parts.console;
    this.#desk = parts.desk;
    this.speaks = parts.socket.protocol === 'ingot.console.v1';
  }

  /** Runs until it is over. */
  async run(): Promise<void> {
    this.console.watchers.add(this);
    this.socket.once('close', () => this.end('closed'));
    if (this.ticket.mode === 'write' && this.#desk.writer() === null) this.#desk.take(this.ticket);
    try {
      await this.serve();
    } finally {
      this.console.watchers.delete(this);
      this.#desk.release(this.ticket);
      const [code, text] = ENDS[this.#ended ?? 'stopped'];
      this.say({ type: 'bye', reason: this.#ended ?? 'stopped', text });
      this.socket.close(code, text);
    }
  }

  /** Ends it; the first reason counts. */
  end(why: SessionEnd): void {
    this.#ended ??= why;
    this.stop();
  }

  abstract records(records: readonly PlacedRecord[]): void;

  tenancy(now: number | null): void {
    if (this.ticket.scope !== 'all' && now !== this.ticket.scope) this.end('lease-ended');
  }

  switchedOff(): void {
    this.end('switched-off');
  }

  moved(): void {
    this.end('moved');
  }

  /** Tells who writes. */
  sayWriter(): void {
    const writer = this.#desk.writer();
    const readers = this.#desk.sessions.size;
    this.say({ type: 'writer', you: this.writes, by: writer?.userName ?? null, readers });
  }

  /** It asked to write, and did not give that away. */
  get waits(): boolean {
    return this.ticket.mode === 'write' && !this.#released && !this.isOver;
  }

  /** Does its work until `stop` is called. */
  protected abstract serve(): Promise<void>;
  protected abstract stop(): void;

  protected get isOver(): boolean {
    return this.#ended !== undefined;
  }

  /** This one writes now. */
  protected get writes(): boolean {
    return this.#desk.writer()?.id === this.ticket.id;
  }

  /** A control message; gives its kind when it is not one every session knows. Ends the session when it is none. */
  protected control(data: Buffer): unknown {
    let type: unknown;
    try {
      ({ type } = JSON.parse(data.toString('utf8')) as { type?: unknown });
    } catch {
      this.end('protocol');
      return undefined;
    }
    if (type === 'take' && this.ticket.mode === 'write') {
      this.#released = false;
      this.#desk.take(this.ticket);
    } else if (type === 'release') {
      this.#released = true;
      this.#desk.release(this.ticket);
    } else return type;
    return undefined;
  }

  protected say(message: Record<string, unknown>): void {
    if (this.speaks && this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
