import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { parseAddress } from '#platform/address';
import type { Sealer, Store } from '#store/contract';
import { errors } from '../errors.ts';
import type { LogLine } from '../log/lines.ts';
import type { RecordingQuery } from '../recorder/read-recording.ts';
import type { SessionEnd, Ticket } from '../sessions/ticket.ts';
import { recorderAt } from '../store/recorders.ts';
import { ASK_HEADER } from './link-server.ts';
import { clientOptions, LINK_AAD } from './psk.ts';

const CONNECT_MS = 5_000;
/** Headers of a handshake that reach the recorder; no credentials are among them. */
const PASSED = ['connection', 'upgrade', 'sec-websocket-key', 'sec-websocket-version', 'sec-websocket-protocol'];

/** The recorders of other hosts. */
export class Peers {
  readonly #store: Store;
  readonly #sealer: Sealer;
  readonly #clock: Clock;

  constructor(store: Store, sealer: Sealer, clock: Clock) {
    this.#store = store;
    this.#sealer = sealer;
    this.#clock = clock;
  }

  /** Lines of a recording that lies on `host`. Throws RecorderAway. */
  async *lines(host: string, query: RecordingQuery, signal: AbortSignal): AsyncGenerator<LogLine> {
    const response = await this.#ask(host, '/lines', query, signal);
    for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line !== '') yield JSON.parse(line) as LogLine;
    }
  }

  /** Ends a session there; false when there is none. */
  async end(host: string, id: string, why: SessionEnd): Promise<boolean> {
    return (await this.#json<{ ended: boolean }>(host, '/end', { id, why })).ended;
  }

  /** Sessions on a node there. */
  sessions(host: string, node: string): Promise<{ ticket: Ticket; writes: boolean }[]> {
    return this.#json(host, '/sessions', { node });
  }

  /** Hands a WebSocket's connection on, as it is: each side's pace is the other's. Throws RecorderAway. */
  async splice(
    host: string,
    ticket: Ticket,
    { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
  ): Promise<void> {
    const peer = await this.#connect(host);
    const lines = [`GET /session HTTP/1.1`, `Host: ${host}`, `${ASK_HEADER}: ${askText(ticket)}`];
    for (const name of PASSED) {
      const value = request.headers[name];
      if (typeof value === 'string') lines.push(`${name}: ${withoutToken(name, value)}`);
    }
    peer.write(`${lines.join('\r\n')}\r\n\r\n`);
    if (head.length > 0) peer.write(head);
    const end = () => {
      peer.destroy();
      socket.destroy();
    };
    for (const one of [peer, socket]) {
      one.on('error', end);
      one.once('close', end);
    }
    peer.pipe(socket);
    socket.pipe(peer);
  }

  async #json<T>(host: string, path: string, ask: unknown): Promise<T> {
    const late = new AbortController();
    const cancel = this.#clock.after(CONNECT_MS * 2, () => late.abort(new Error('no answer in time')));
    try {
      const parts: Buffer[] = [];
      for await (const part of await this.#ask(host, path, ask, late.signal)) parts.push(part as Buffer);
      return JSON.parse(Buffer.concat(parts).toString('utf8')) as T;
    } finally {
      cancel();
    }
  }

  async #ask(host: string, path: string, ask: unknown, signal: AbortSignal): Promise<IncomingMessage> {
    const peer = await this.#connect(host);
    return await new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(errors.RecorderAway(host, messageOf(error), { retryAfter: 5 }));
      const sent = httpsRequest({
        createConnection: () => peer,
        path,
        method: 'POST',
        headers: { [ASK_HEADER]: askText(ask), host, connection: 'close' },
        signal,
      });
      sent.once('error', fail);
      sent.once('response', (response) => {
        if (response.statusCode === 200) resolve(response);
        else fail(`it answered ${response.statusCode}`);
      });
      sent.end();
    });
  }

  async #connect(host: string): Promise<TLSSocket> {
    const at = await recorderAt(this.#store, host);
    if (at === undefined) throw errors.RecorderAway(host, 'it is not known', { retryAfter: 5 });
    if (at.address === null || at.keySealed === null) {
      throw errors.RecorderAway(host, 'it lets no other host reach its consoles (setting console.listen)');
    }
    const key = Buffer.from(this.#sealer.open<string>(at.keySealed, LINK_AAD), 'hex');
    const { host: name, port } = parseAddress(at.address);
    const socket = connect({ ...clientOptions(key), host: name, port });
    const cancel = this.#clock.after(CONNECT_MS, () => socket.destroy(new Error('no answer in time')));
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('secureConnect', resolve);
        socket.once('error', reject);
      });
      socket.setNoDelay(true);
      return socket;
    } catch (cause) {
      throw errors.RecorderAway(host, messageOf(cause), { cause, retryAfter: 5 });
    } finally {
      cancel();
    }
  }
}

const askText = (ask: unknown): string => Buffer.from(JSON.stringify(ask)).toString('base64url');

/** The token was used up here and goes no further. */
function withoutToken(name: string, value: string): string {
  if (name !== 'sec-websocket-protocol') return value;
  const kept = value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => !one.startsWith('ingot.token.'));
  return kept.join(', ');
}
