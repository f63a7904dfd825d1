import type { Bmc } from '../bmc.ts';
import type { SessionView } from './command.ts';
import { openPayload, type Packet, type PacketKeys, PAYLOAD, writePacket } from './packet.ts';
import type { SolPeer } from './sol.ts';

/** How far back a packet may come late (IPMI 2.0, 6.12.13). */
const WINDOW = 32;

export interface SessionFacts {
  handle: number;
  /** What the BMC and the console call the session. */
  bmcId: number;
  consoleId: number;
  userName: string;
  /** The highest privilege the session may take. */
  limit: number;
  keys: PacketKeys;
  address: string;
  port: number;
}

/** One authenticated RMCP+ session. */
export class IpmiSession implements SessionView, SolPeer {
  readonly version = '2.0' as const;
  readonly handle: number;
  readonly bmcId: number;
  readonly consoleId: number;
  readonly userName: string;
  readonly limit: number;
  readonly address: string;
  readonly port: number;
  privilege: number;
  usedAt: number;
  /** Of quirk `ipmiStaleSequence`: the next answer is spoilt. */
  stale = false;
  /** Of quirk `ipmiMinIntervalMs`: it came too close to another; undefined until its first command. */
  hurried: boolean | undefined;
  readonly #bmc: Bmc;
  readonly #keys: PacketKeys;
  readonly #send: (bytes: Buffer) => void;
  readonly #onClose: () => void;
  #outSequence = 0;
  #highest = 0;
  #seen = new Set<number>();

  constructor(bmc: Bmc, facts: SessionFacts, send: (bytes: Buffer) => void, onClose: () => void) {
    this.#bmc = bmc;
    this.handle = facts.handle;
    this.bmcId = facts.bmcId;
    this.consoleId = facts.consoleId;
    this.userName = facts.userName;
    this.limit = facts.limit;
    this.address = facts.address;
    this.port = facts.port;
    this.#keys = facts.keys;
    this.#send = send;
    this.#onClose = onClose;
    this.usedAt = bmc.clock.monotonic();
    // a session starts as a user and is raised by Set Session Privilege Level
    this.privilege = Math.min(2, facts.limit);
  }

  /** The packet's payload, if it is genuine and new; repeated and very late ones are dropped. */
  open(packet: Packet & { trailer: Buffer; signed: Buffer }): Buffer | undefined {
    const payload = openPayload(packet, this.#keys);
    if (payload === undefined) return undefined;
    const { sequence } = packet;
    if (this.#seen.has(sequence) || sequence + WINDOW < this.#highest) return undefined;
    this.#seen.add(sequence);
    this.#highest = Math.max(this.#highest, sequence);
    if (this.#seen.size > 4 * WINDOW) this.#seen = new Set([...this.#seen].filter((s) => s + WINDOW >= this.#highest));
    this.usedAt = this.#bmc.clock.monotonic();
    return payload;
  }

  sendIpmi(payload: Buffer): void {
    this.#write(PAYLOAD.ipmi, payload);
  }

  sendSol(payload: Buffer): void {
    this.#write(PAYLOAD.sol, payload);
  }

  /** Ends the session; the answer to Close Session itself still goes out with its keys. */
  close(): void {
    this.#onClose();
  }

  #write(type: number, payload: Buffer): void {
    this.#outSequence = (this.#outSequence + 1) >>> 0 || 1;
    const packet = { version: '2.0' as const, type, sessionId: this.consoleId, sequence: this.#outSequence, payload };
    this.#send(writePacket(packet, { keys: this.#keys, iv: this.#bmc.random.bytes(16) }));
  }
}
