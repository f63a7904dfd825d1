import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import type { HttpEffect } from '../../faults/effects.ts';
import { Certificates } from './certificates.ts';
import type { RedfishAnswer, RedfishRequest } from './door.ts';
import { etagHeader } from './etag.ts';
import { ruleAnswer } from './rule-answer.ts';
import { send } from './send.ts';
import type { Door, Served } from './served.ts';

const BODY_LIMIT = 256 * 1024 * 1024;
const HANDSHAKE_MS = 10_000;

export interface RedfishServerOptions {
  address: string;
  /** 0: any free port. */
  port: number;
  /** An open listening socket to take over instead (made outside the lab's network namespace). */
  fd?: number;
  /** False: plain HTTP. */
  tls?: boolean;
}

/**
 * One BMC's Redfish service on the network. All BMCs of a process share one HTTP parser; each has only a
 * listening socket of its own, so thousands are cheap, and a fault can spoil the bytes below HTTP and TLS.
 */
export class RedfishServer<D extends Door = Door> {
  readonly door: D;
  readonly certificates: Certificates;
  readonly #bmc: Served;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #tls: boolean;

  private constructor(bmc: Served, door: D, options: RedfishServerOptions) {
    this.#bmc = bmc;
    this.#tls = options.tls ?? true;
    this.door = door;
    this.certificates = new Certificates([options.address, `bmc-${bmc.name}.lab`], bmc.clock, bmc.random);
    this.#server = createServer({ noDelay: true }, (socket) => this.#connected(socket));
    bmc.onReboot(() => this.#cut());
  }

  /** Starts to listen. */
  static async listen<D extends Door>(bmc: Served, door: D, options: RedfishServerOptions): Promise<RedfishServer<D>> {
    const server = new RedfishServer(bmc, door, options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      const where = options.fd === undefined ? { host: options.address, port: options.port } : { fd: options.fd };
      server.#server.listen(where, resolve);
    });
    bmc.network = { ...bmc.network, address: options.address, redfishPort: server.port };
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** `https://127.0.0.1:8443` */
  get url(): string {
    return `${this.#tls ? 'https' : 'http'}://${this.#bmc.network.address}:${this.port}`;
  }

  /** Open connections now. */
  get connections(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    this.door.close();
    this.#cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #connected(raw: Socket): void {
    this.#bmc.counters.connections++;
    this.#sockets.add(raw);
    raw.on('close', () => this.#sockets.delete(raw));
    raw.on('error', () => raw.destroy());
    const { dead, certificate } = this.#bmc.effects.link;
    if (dead === 'refuse' || this.#bmc.rebooting) {
      raw.resetAndDestroy();
      return;
    }
    if (dead === 'silent') return; // held open, never answered
    if (!this.#tls) {
      hand(raw, this);
      return;
    }
    const secure = new TLSSocket(raw, { isServer: true, secureContext: this.certificates.context(certificate) });
    const cancel = this.#bmc.clock.after(HANDSHAKE_MS, () => raw.destroy());
    secure.on('error', () => raw.destroy());
    secure.on('close', cancel);
    secure.once('secure', () => {
      cancel();
      hand(secure, this);
    });
  }

  /** One request of one of this BMC's connections. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { counters } = this.#bmc;
    counters.concurrent++;
    counters.maxConcurrent = Math.max(counters.maxConcurrent, counters.concurrent);
    try {
      await this.#serve(request, response);
    } finally {
      counters.concurrent--;
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await readRequest(request);
    if (this.#bmc.effects.link.dead === 'silent') return; // the connection was open before the BMC died
    const facts = { method: asked.method, path: asked.path, headers: asked.headers, body: asked.body };
    const effects = this.#bmc.effects.http(facts, this.#bmc.facts());
    const early = await this.#before(effects, request, response);
    if (early === 'gone') return;
    const answer = early ?? (await this.door.answer(asked));
    if (this.#bmc.rebooting) {
      request.socket.destroy();
      return;
    }
    if (answer.stream !== undefined) {
      answer.stream(response);
      return;
    }
    const { traits } = this.#bmc.effects;
    const packed = traits.gzip !== 'none' && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const tag =
      answer.tag === undefined ? undefined : etagHeader(answer.tag, traits, packed && answer.body !== undefined);
    await send(answer, {
      response,
      effects,
      clock: this.#bmc.clock,
      random: this.#bmc.random,
      headOnly: asked.method === 'HEAD',
      headers: tag === undefined ? {} : { etag: tag },
      pack: packed ? gzipSync : undefined,
    });
    closeWhenDue(request, response, traits.closesAfter);
  }

  /** Faults that come before the work is done. `gone`: nothing will be answered. */
  async #before(
    effects: readonly HttpEffect[],
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<RedfishAnswer | 'gone' | undefined> {
    for (const effect of effects) {
      if (effect.kind === 'delay') {
        await this.#bmc.clock.sleep(effect.ms + (effect.jitterMs ?? 0) * this.#bmc.random.next());
      } else if (effect.kind === 'reset') {
        request.socket.destroy();
        return 'gone';
      } else if (effect.kind === 'hang') return 'gone';
      else if (effect.kind === 'redirect') {
        response.writeHead(effect.status, { location: effect.to });
        response.end();
        return 'gone';
      } else if (effect.kind === 'answer') return ruleAnswer(effect.answer);
    }
    return undefined;
  }
}

const owners = new WeakMap<object, RedfishServer>();
let parser: HttpServer | undefined;

/** Gives a connection, TLS done, to the parser all BMCs share. */
function hand(socket: Socket, owner: RedfishServer): void {
  owners.set(socket, owner);
  parser ??= createHttpServer({ keepAliveTimeout: 60_000, requestTimeout: 120_000 }, (request, response) => {
    const server = owners.get(request.socket);
    response.on('error', () => {});
    server?.serve(request, response).catch(() => request.socket.destroy());
  });
  parser.emit('connection', socket);
}

const answered = new WeakMap<object, number>();

/** Some BMCs drop kept-alive connections without a word. */
function closeWhenDue(request: IncomingMessage, response: ServerResponse, closesAfter: number): void {
  const count = (answered.get(request.socket) ?? 0) + 1;
  answered.set(request.socket, count);
  if (count >= closesAfter) response.on('finish', () => request.socket.destroy());
  if (count >= closesAfter && response.writableFinished) request.socket.destroy();
}

async function readRequest(request: IncomingMessage): Promise<RedfishRequest> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > BODY_LIMIT) throw new Error('body too large');
    parts.push(part as Buffer);
  }
  const raw = Buffer.concat(parts);
  const url = new URL(request.url ?? '/', 'http://bmc');
  const isJson = /json/i.test(request.headers['content-type'] ?? 'json');
  let body: unknown;
  let malformed = false;
  if (raw.length > 0 && isJson) {
    try {
      body = JSON.parse(raw.toString('utf8'));
    } catch {
      malformed = true;
    }
  }
  const address = `${request.socket.remoteAddress ?? 'gone'}:${request.socket.remotePort ?? 0}`;
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    raw,
    body,
    malformed,
    address,
  };
}
