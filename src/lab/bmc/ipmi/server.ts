import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Caller } from '../../ledger.ts';
import type { Bmc } from '../bmc.ts';
import type { CommandContext } from './command.ts';
import { CODE, EMPTY } from './command.ts';
import { execute } from './execute.ts';
import { Handshake, type HandshakeStep } from './handshake.ts';
import { type IpmiRequest, readRequest, writeResponse } from './message.ts';
import { type Packet, PAYLOAD, readPacket, writePacket } from './packet.ts';
import { pong, readRmcp, rmcp } from './rmcp.ts';
import { IpmiSession } from './session.ts';
import { Sol } from './sol.ts';

/** Sessions unused for so long are closed (IPMI 2.0, 6.12.15). */
const IDLE_MS = 60_000;
/** Sessions opened so soon after another get a stale answer, with that quirk. */
const STALE_WITHIN_MS = 5_000;
const NETFN_APP = 0x06;
/** Set Session Privilege Level and Close Session. */
const SESSION_COMMANDS = new Set([0x3b, 0x3c]);

export interface IpmiServerOptions {
  address: string;
  /** 0: any free port. */
  port: number;
  /** An open UDP socket to take over instead. */
  fd?: number;
}

/** One BMC's IPMI over LAN: RMCP+ with cipher suites 3 and 17, pings, and serial over LAN. */
export class IpmiServer {
  readonly sol: Sol;
  readonly #bmc: Bmc;
  readonly #socket: Socket;
  readonly #handshake: Handshake;
  readonly #sessions = new Map<number, IpmiSession>();
  #nextHandle = 1;
  #lastOpened = Number.NEGATIVE_INFINITY;
  #lastCommand = Number.NEGATIVE_INFINITY;

  private constructor(bmc: Bmc, socket: Socket) {
    this.#bmc = bmc;
    this.#socket = socket;
    this.sol = new Sol(bmc);
    this.#handshake = new Handshake(bmc);
    bmc.onReboot(() => {
      this.#sessions.clear();
      this.#handshake.clear();
    });
    socket.on('message', (datagram, from) => {
      this.#receive(datagram, from).catch(() => {}); // a datagram that cannot be served is lost, as any may be
    });
  }

  /** Starts to listen. */
  static async listen(bmc: Bmc, options: IpmiServerOptions): Promise<IpmiServer> {
    const socket = createSocket(options.address.includes(':') ? 'udp6' : 'udp4');
    const server = new IpmiServer(bmc, socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      if (options.fd === undefined) socket.bind(options.port, options.address, resolve);
      else socket.bind({ fd: options.fd }, resolve);
    });
    bmc.network = { ...bmc.network, address: options.address, ipmiPort: socket.address().port };
    return server;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Sessions open now. */
  get sessions(): number {
    this.#expire();
    return this.#sessions.size;
  }

  async close(): Promise<void> {
    this.sol.end(false);
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  async #receive(datagram: Buffer, from: RemoteInfo): Promise<void> {
    if (!this.#bmc.ipmiEnabled || this.#bmc.rebooting || this.#bmc.effects.link.dead !== undefined) return;
    const packet = readRmcp(datagram);
    if (packet === undefined) return;
    if (packet.kind === 'ping') {
      this.#socket.send(pong(packet.tag), from.port, from.address);
      return;
    }
    const read = readPacket(packet.body);
    if (read === undefined) return;
    if (read.sessionId === 0) await this.#beforeSession(read, from);
    else await this.#inSession(read);
  }

  async #beforeSession(packet: Packet, from: RemoteInfo): Promise<void> {
    const reply = (type: number, payload: Buffer) =>
      this.#send(from, writePacket({ version: packet.version, type, sessionId: 0, sequence: 0, payload }));
    switch (packet.type) {
      case PAYLOAD.openRequest: {
        const busy = this.sessions >= this.#bmc.traits.ipmiMaxSessions;
        return this.#step(PAYLOAD.openResponse, this.#handshake.openSession(packet.payload, busy), from, reply);
      }
      case PAYLOAD.rakp1:
        this.#bmc.counters.ipmiTries++;
        return this.#step(PAYLOAD.rakp2, this.#handshake.rakp1(packet.payload), from, reply);
      case PAYLOAD.rakp3:
        return this.#step(PAYLOAD.rakp4, this.#handshake.rakp3(packet.payload), from, reply);
      case PAYLOAD.ipmi: {
        const request = readRequest(packet.payload);
        if (request === undefined) return;
        const outcome = await execute(this.#context(null, from), request, 0);
        if (outcome !== 'nothing') reply(PAYLOAD.ipmi, writeResponse(request, outcome.code, outcome.data));
      }
    }
  }

  #step(
    type: number,
    step: HandshakeStep | undefined,
    from: RemoteInfo,
    reply: (type: number, payload: Buffer) => void,
  ): void {
    if (step === undefined) return;
    if (step.session !== undefined) {
      const facts = { ...step.session, handle: this.#nextHandle, address: from.address, port: from.port };
      this.#nextHandle = (this.#nextHandle % 254) + 1;
      const close = () => {
        this.#sessions.delete(facts.bmcId);
        this.sol.closed(session);
      };
      const session: IpmiSession = new IpmiSession(this.#bmc, facts, (bytes) => this.#send(from, bytes), close);
      const now = this.#bmc.clock.monotonic();
      session.stale = this.#bmc.traits.ipmiStaleSequence && now - this.#lastOpened < STALE_WITHIN_MS;
      this.#lastOpened = now;
      this.#sessions.set(facts.bmcId, session);
      this.#bmc.counters.logins++;
    }
    reply(type, step.answer);
  }

  async #inSession(packet: Packet & { trailer: Buffer; signed: Buffer }): Promise<void> {
    this.#expire();
    const session = this.#sessions.get(packet.sessionId);
    const payload = session?.open(packet);
    if (session === undefined || payload === undefined) return;
    if (packet.type === PAYLOAD.sol) {
      this.sol.receive(session, payload);
      return;
    }
    const request = packet.type === PAYLOAD.ipmi ? readRequest(payload) : undefined;
    if (request === undefined) return;
    const outcome = this.#tooSoon(session, request)
      ? { code: CODE.nodeBusy, data: EMPTY }
      : await this.#execute(session, request);
    if (outcome === 'nothing') return;
    const seq = session.stale ? (request.rqSeq + 63) & 0x3f : request.rqSeq;
    session.stale = false;
    session.sendIpmi(writeResponse(request, outcome.code, outcome.data, seq));
  }

  #execute(session: IpmiSession, request: IpmiRequest): ReturnType<typeof execute> {
    const from = { address: session.address, port: session.port };
    return execute(this.#context(session, from), request, session.privilege);
  }

  /** Some BMCs refuse who comes too soon after another; that it opens and closes its session is let pass. */
  #tooSoon(session: IpmiSession, { netFn, command }: IpmiRequest): boolean {
    const now = this.#bmc.clock.monotonic();
    session.hurried ??= now - this.#lastCommand < this.#bmc.traits.ipmiMinIntervalMs;
    this.#lastCommand = now;
    return session.hurried && !(netFn === NETFN_APP && SESSION_COMMANDS.has(command));
  }

  #context(session: IpmiSession | null, from: { address: string; port: number }): CommandContext {
    const caller: Caller = {
      channel: 'ipmi',
      address: `${from.address}:${from.port}`,
      user: session?.userName ?? null,
    };
    return { bmc: this.#bmc, caller, session, sol: this.sol };
  }

  #send(to: { address: string; port: number }, bytes: Buffer): void {
    this.#socket.send(rmcp(bytes), to.port, to.address, () => {});
  }

  #expire(): void {
    const oldest = this.#bmc.clock.monotonic() - IDLE_MS;
    for (const session of this.#sessions.values()) if (session.usedAt < oldest) session.close();
  }
}
