import { createHash } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Authoriser, UpgradeTaker } from '#http/contract';
import { IngotError, messageOf } from '#kernel/errors';
import { lineNow } from '../app/line-now.ts';
import type { Room } from '../app/room.ts';
import { viewNode } from '../app/viewer.ts';
import { errors } from '../errors.ts';
import { useToken, type UsedSession } from '../store/sessions.ts';
import type { SessionHub } from './hub.ts';
import type { SessionEnd, Ticket } from './ticket.ts';

export const CONNECT_PATH = '/console/v1/connect';
export const LOGIN_AAD = 'console:login';
const CONSOLE_RULE = 'baremetal:node:get_console';
/** The rights of who is connected are looked at so often, and ended after so long without an answer. */
const RIGHTS_MS = 2_000;
const RIGHTS_UNKNOWN_MS = 30_000;

/** A login as it was sent: the headers an authenticator reads. */
export type Login = Record<string, string>;

export interface ConnectParts {
  room: Room;
  hub: SessionHub;
  authoriser: Authoriser;
  /** As clients reach this service: pages of it may connect. */
  baseUrl(request: IncomingMessage): string;
}

interface Open {
  used: UsedSession;
  host: string;
  knownAt: number;
}

/**
 * Where WebSockets come in: checks where the page is from, uses the token up, hands the connection to the process that
 * has the line, and looks every two seconds whether whoever is connected still may be.
 */
export class ConnectDoor implements UpgradeTaker {
  readonly #parts: ConnectParts;
  readonly #open = new Map<string, Open>();
  #stop: (() => void) | undefined;
  #busy = false;

  constructor(parts: ConnectParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stop = this.#parts.room.clock.every(RIGHTS_MS, () => void this.#lookAtRights());
  }

  stop(): void {
    this.#stop?.();
  }

  wants(request: IncomingMessage): boolean {
    return pathOf(request) === CONNECT_PATH;
  }

  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    this.#take(request, socket, head).catch((error: unknown) => {
      if (!(error instanceof IngotError)) {
        this.#parts.room.log.error({ err: error }, 'a console connection failed');
      }
      refuse(socket, error);
    });
  }

  async #take(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { room, hub } = this.#parts;
    this.#checkOrigin(request);
    const token = tokenOf(request);
    const used = token === undefined ? undefined : await useToken(room.store, hashOf(token));
    if (used === undefined) throw errors.TokenInvalid();
    const { ticket } = used;
    await this.#demandRights(used);
    const isOver = () => socket.destroyed || room.stopping.aborted;
    const line = await lineNow(room.store, room.clock, ticket.node, isOver);
    this.#open.set(ticket.id, { used, host: line.host, knownAt: room.clock.monotonic() });
    socket.once('close', () => this.#open.delete(ticket.id));
    if (socket.destroyed) this.#open.delete(ticket.id);
    else if (line.host === room.config.host) hub.accept(ticket, request, socket, head);
    else await room.peers.splice(line.host, ticket, { request, socket, head });
  }

  /** Ends a session wherever it is; false when it is nowhere. */
  async end(host: string, id: string, why: SessionEnd): Promise<boolean> {
    const { room, hub } = this.#parts;
    return host === room.config.host ? hub.end(id, why) : await room.peers.end(host, id, why);
  }

  /** Sessions on a node's console, at the host that has it. */
  async sessions(host: string, node: string): Promise<{ ticket: Ticket; writes: boolean }[]> {
    const { room, hub } = this.#parts;
    return host === room.config.host ? hub.of(node) : await room.peers.sessions(host, node);
  }

  /** A page of another site may hold a stolen token; a browser says truly where it is from. */
  #checkOrigin(request: IncomingMessage): void {
    const { origin } = request.headers;
    if (origin === undefined) return;
    const own = new URL(this.#parts.baseUrl(request)).origin;
    if (origin !== own && !this.#parts.room.config.allowedOrigins.includes(origin)) {
      throw errors.OriginRefused(origin.slice(0, 200));
    }
  }

  /** Throws what tells that the rights are gone. */
  async #demandRights({ ticket, loginSealed, source }: UsedSession): Promise<void> {
    const { room, authoriser } = this.#parts;
    const login = room.sealer.open<Login>(loginSealed, LOGIN_AAD);
    const caller = await authoriser.authenticate(login, source, { method: 'POST', url: '/console/v1/nodes' });
    const allows = (rule: string, target: object) => authoriser.allows(rule, caller, { ...target });
    const { node, scope, now } = await viewNode(room, allows, ticket.node, CONSOLE_RULE);
    if (!node.consoleEnabled) throw errors.ConsoleOff(ticket.node);
    if (ticket.scope === 'all' ? scope !== 'all' : now?.id !== ticket.scope || !seesTenancy(scope, ticket.scope)) {
      throw errors.ConsoleForbidden(CONSOLE_RULE);
    }
  }

  async #lookAtRights(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const { room } = this.#parts;
    try {
      await Promise.all(
        [...this.#open].map(async ([id, open]) => {
          try {
            await this.#demandRights(open.used);
            open.knownAt = room.clock.monotonic();
          } catch (error) {
            const isNo = error instanceof IngotError && [401, 403, 404, 409].includes(error.status);
            if (!isNo && room.clock.monotonic() - open.knownAt < RIGHTS_UNKNOWN_MS) return;
            const why = isNo && error.code === 'ConsoleOff' ? 'switched-off' : 'rights';
            room.log.info(
              { node: open.used.ticket.node, session: id, err: messageOf(error) },
              'a console session ends',
            );
            await this.end(open.host, id, why);
            this.#open.delete(id);
          }
        }),
      );
    } catch (error) {
      room.log.warn({ err: messageOf(error) }, 'a console session could not be ended');
    } finally {
      this.#busy = false;
    }
  }
}

const seesTenancy = (scope: 'all' | ReadonlySet<number>, id: number) => scope === 'all' || scope.has(id);

export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

/** The token: in the subprotocols, where no log keeps it, or in the query, as Nova's clients have it. */
function tokenOf(request: IncomingMessage): string | undefined {
  const offered = String(request.headers['sec-websocket-protocol'] ?? '').split(',');
  const named = offered.map((one) => one.trim()).find((one) => one.startsWith('ingot.token.'));
  const token = named?.slice('ingot.token.'.length) ?? new URLSearchParams(request.url?.split('?')[1]).get('token');
  return token !== null && /^[\w-]{20,100}$/.test(token) ? token : undefined;
}

function refuse(socket: Duplex, error: unknown): void {
  const { status, message, retryAfter } =
    error instanceof IngotError ? error : { status: 500, message: 'This failed on our side.', retryAfter: undefined };
  const body = JSON.stringify({ error: { code: status, title: STATUS_CODES[status] ?? 'Error', message } });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(retryAfter === undefined ? [] : [`Retry-After: ${Math.ceil(retryAfter)}`]),
    'Connection: close',
  ];
  if (socket.writable) socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  else socket.destroy();
}
