import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Random } from '#kernel/random';
import { messageOf } from '#kernel/errors';
import type { Log } from '#platform/log';
import type { Sealer, Store } from '#store/contract';
import type { ConsoleConfig } from '../config.ts';
import { type RecordingQuery, readRecording } from '../recorder/read-recording.ts';
import type { Recorder } from '../recorder/recorder.ts';
import type { SessionHub } from '../sessions/hub.ts';
import type { SessionEnd, Ticket } from '../sessions/ticket.ts';
import { writeRecorder } from '../store/recorders.ts';
import { LINK_AAD, serverOptions } from './psk.ts';

export interface LinkServerParts {
  store: Store;
  sealer: Sealer;
  recorder: Recorder;
  hub: SessionHub;
  log: Log;
  config: ConsoleConfig;
  random: Random;
  incarnation: string;
}

/** What is asked over the link travels in this header, as JSON in base64url. */
export const ASK_HEADER = 'x-ingot-ask';

/** Lets the API of other hosts reach what is recorded here: lines, sessions, their ends. */
export class LinkServer {
  readonly #parts: LinkServerParts;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(parts: LinkServerParts) {
    this.#parts = parts;
  }

  /** Opens the door and tells where it is; without an address in the settings it tells that there is none. */
  async start(): Promise<void> {
    const { store, sealer, config, random, incarnation } = this.#parts;
    if (config.link === null) {
      await writeRecorder(store, config.host, incarnation, null);
      return;
    }
    const key = random.bytes(32);
    const server = createServer(serverOptions(key), (request, response) => void this.#serve(request, response));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('tlsClientError', () => {}); // somebody without the key
    const { host, port, advertise } = config.link;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
    this.#server = server;
    const bound = server.address() as AddressInfo;
    const own = `${host.includes(':') ? `[${host}]` : host}:${bound.port}`;
    await writeRecorder(store, config.host, incarnation, {
      address: advertise ?? own,
      keySealed: sealer.seal(key.toString('hex'), LINK_AAD),
    });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = askOf<Ticket>(request);
    if (ticket === undefined) socket.destroy();
    else this.#parts.hub.accept(ticket, request, socket, head);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ask = askOf<unknown>(request);
    try {
      if (ask === undefined) response.writeHead(400).end();
      else if (request.url === '/lines') await this.#lines(ask as RecordingQuery, response);
      else if (request.url === '/end') {
        const { id, why } = ask as { id: string; why: SessionEnd };
        response.writeHead(200).end(JSON.stringify({ ended: this.#parts.hub.end(id, why) }));
      } else if (request.url === '/sessions') {
        response.writeHead(200).end(JSON.stringify(this.#parts.hub.of((ask as { node: string }).node)));
      } else response.writeHead(404).end();
    } catch (error) {
      this.#parts.log.warn({ err: messageOf(error), path: request.url }, 'a request of another host failed');
      response.destroy();
    }
  }

  async #lines(query: RecordingQuery, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    response.writeHead(200, { 'content-type': 'application/jsonl' });
    response.flushHeaders();
    for await (const line of readRecording(this.#parts.recorder, query, gone.signal)) {
      if (gone.signal.aborted) return;
      if (response.write(`${JSON.stringify(line)}\n`)) continue;
      await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
    }
    response.end();
  }
}

function askOf<T>(request: IncomingMessage): T | undefined {
  const text = request.headers[ASK_HEADER];
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as T;
  } catch {
    return undefined;
  }
}
