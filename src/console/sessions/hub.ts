import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ConsoleMachines } from '#contracts/console';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import type { Log } from '#platform/log';
import type { Recorder } from '../recorder/recorder.ts';
import { ScreenSession } from './screen-session.ts';
import { SerialSession } from './serial-session.ts';
import type { Desk } from './session.ts';
import { ENDS, type SessionEnd, type Ticket } from './ticket.ts';

const PING_MS = 15_000;
const MAX_MESSAGE = 64 * 1024;
/** Names of what is spoken: ours with control messages, and what noVNC and Nova's clients ask for. */
const PROTOCOLS = ['ingot.console.v1', 'binary'];

type Session = SerialSession | ScreenSession;

export interface HubParts {
  recorder: Recorder;
  machines: ConsoleMachines;
  clock: Clock;
  log: Log;
  maxPerNode: number;
}

/** All sessions on consoles that are recorded in this process. */
export class SessionHub {
  readonly #parts: HubParts;
  readonly #nodes = new Map<string, { sessions: Set<Session>; writers: Record<Ticket['kind'], Ticket | null> }>();
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
    handleProtocols: (offered) => PROTOCOLS.find((one) => offered.has(one)) ?? false,
  });
  #stopped = false;

  constructor(parts: HubParts) {
    this.#parts = parts;
  }

  /** Sessions now. */
  counts(): Record<Ticket['kind'], number> {
    const count = { serial: 0, screen: 0 };
    for (const { sessions } of this.#nodes.values()) for (const { ticket } of sessions) count[ticket.kind]++;
    return count;
  }

  /** Sessions of a node, and which of them write. */
  of(node: string): { ticket: Ticket; writes: boolean }[] {
    const known = this.#nodes.get(node);
    if (known === undefined) return [];
    return [...known.sessions].map(({ ticket }) => ({
      ticket,
      writes: known.writers[ticket.kind]?.id === ticket.id,
    }));
  }

  /** Completes the handshake of a WebSocket and runs the session on it. */
  accept(ticket: Ticket, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, socket, head, (ready) => {
      ready.on('error', () => ready.terminate());
      this.#run(ticket, ready).catch((error) => {
        this.#parts.log.warn({ node: ticket.node, err: messageOf(error) }, 'a console session failed');
        ready.terminate();
      });
    });
  }

  /** Ends a session; false when there is none of that id. */
  end(id: string, why: SessionEnd): boolean {
    for (const { sessions } of this.#nodes.values()) {
      for (const one of sessions) {
        if (one.ticket.id !== id) continue;
        one.end(why);
        return true;
      }
    }
    return false;
  }

  /** Ends all sessions. */
  stop(): void {
    this.#stopped = true;
    for (const { sessions } of this.#nodes.values()) for (const one of [...sessions]) one.end('stopped');
    this.#sockets.close();
  }

  async #run(ticket: Ticket, socket: WebSocket): Promise<void> {
    const { recorder, machines, clock, maxPerNode } = this.#parts;
    const console = recorder.console(ticket.node);
    const known = this.#nodes.get(ticket.node) ?? { sessions: new Set(), writers: { serial: null, screen: null } };
    const refuse = (why: SessionEnd) => {
      const [code, text] = ENDS[why];
      socket.close(code, text);
    };
    if (this.#stopped) return refuse('stopped');
    if (console === undefined) return refuse('moved');
    if (known.sessions.size >= maxPerNode) return refuse('full');
    this.#nodes.set(ticket.node, known);
    const desk = this.#deskOf(ticket.node, ticket.kind);
    const session: Session =
      ticket.kind === 'serial'
        ? new SerialSession({ ticket, socket, console, desk })
        : new ScreenSession({ ticket, socket, console, desk, machines });
    known.sessions.add(session);
    const stopPings = this.#ping(socket);
    try {
      await session.run();
    } finally {
      stopPings();
      known.sessions.delete(session);
      desk.release(ticket);
      // Whoever asked to write and found somebody at it need not ask again.
      const { writer, sessions } = desk;
      const next = writer() === null ? [...sessions].find(({ waits }) => waits) : undefined;
      if (next !== undefined) desk.take(next.ticket);
      if (known.sessions.size === 0) this.#nodes.delete(ticket.node);
      clock.after(2_000, () => socket.terminate());
    }
  }

  /** Ends connections whose other side is gone without a word. */
  #ping(socket: WebSocket): () => void {
    let heard = true;
    socket.on('pong', () => {
      heard = true;
    });
    return this.#parts.clock.every(PING_MS, () => {
      if (!heard) socket.terminate();
      heard = false;
      socket.ping();
    });
  }

  #deskOf(node: string, kind: Ticket['kind']): Desk {
    const known = () => this.#nodes.get(node);
    const alike = () => [...(known()?.sessions ?? [])].filter(({ ticket }) => ticket.kind === kind);
    const set = (ticket: Ticket | null) => {
      const at = known();
      if (at === undefined) return;
      at.writers[kind] = ticket;
      for (const one of alike()) one.sayWriter();
    };
    return {
      get sessions() {
        return new Set(alike());
      },
      writer: () => known()?.writers[kind] ?? null,
      take: (ticket) => set(ticket),
      release(ticket) {
        if (known()?.writers[kind]?.id === ticket.id) set(null);
      },
    };
  }
}
