import type { Bmc } from '../bmc.ts';
import { privilegeOf } from './commands/app.ts';
import { guidBytes } from './command.ts';
import {
  type CipherSuite,
  packetKeys,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  type RakpFacts,
  sameCode,
  sessionKey,
  SUITES,
} from './rakp.ts';
import type { SessionFacts } from './session.ts';

/** Status codes of RMCP+ messages (table 13-15). */
const STATUS = {
  ok: 0x00,
  noResources: 0x01,
  invalidSession: 0x02,
  unauthorizedRole: 0x0a,
  invalidNameLength: 0x0c,
  unauthorizedName: 0x0d,
  invalidCheckValue: 0x0f,
  noCipherSuite: 0x11,
} as const;

interface Pending {
  suite: CipherSuite;
  consoleId: number;
  bmcId: number;
  /** Asked for in Open Session; 0: the highest there is. */
  wished: number;
  startedAt: number;
  facts?: RakpFacts;
  limit?: number;
}

/** A handshake that was begun and not ended is forgotten after so long. */
const HANDSHAKE_MS = 20_000;
const MAX_PENDING = 64;

/** What the handshake gives: the answer to send, and a session once it is complete. */
export interface HandshakeStep {
  answer: Buffer;
  session?: Omit<SessionFacts, 'handle' | 'address' | 'port'>;
}

/** Opens RMCP+ sessions: Open Session, RAKP 1 to 4 (IPMI 2.0, 13.17 to 13.24). */
export class Handshake {
  readonly #bmc: Bmc;
  readonly #pending = new Map<number, Pending>();
  #refused = 0;

  constructor(bmc: Bmc) {
    this.#bmc = bmc;
  }

  /** `busy`: there are too many sessions already. */
  openSession(payload: Buffer, busy: boolean): HandshakeStep | undefined {
    if (payload.length < 32) return undefined;
    this.#forget();
    const tag = payload[0] ?? 0;
    const consoleId = payload.readUInt32LE(4);
    const refuse = (status: number) => ({ answer: Buffer.concat([Buffer.from([tag, status, 0, 0]), le32(consoleId)]) });
    if (busy || this.#pending.size >= MAX_PENDING) return refuse(STATUS.noResources);
    if (this.#refused < this.#bmc.traits.ipmiRefusesOpens) {
      this.#refused++;
      return refuse(STATUS.noResources);
    }
    const [authentication, integrity, confidentiality] = [payload[12], payload[20], payload[28]];
    const suite = SUITES.find(
      (s) =>
        this.#bmc.traits.ipmiCiphers.includes(s.id) &&
        s.authentication === authentication &&
        s.integrity === integrity &&
        s.confidentiality === confidentiality,
    );
    if (suite === undefined) return refuse(STATUS.noCipherSuite);
    const wished = (payload[1] ?? 0) & 0x0f;
    const bmcId = this.#newId();
    this.#pending.set(bmcId, { suite, consoleId, bmcId, wished, startedAt: this.#bmc.clock.monotonic() });
    const head = Buffer.concat([
      Buffer.from([tag, STATUS.ok, wished === 0 ? 4 : wished, 0]),
      le32(consoleId),
      le32(bmcId),
    ]);
    return { answer: Buffer.concat([head, payload.subarray(8, 32)]) };
  }

  rakp1(payload: Buffer): HandshakeStep | undefined {
    if (payload.length < 28) return undefined;
    const tag = payload[0] ?? 0;
    const pending = this.#pending.get(payload.readUInt32LE(4));
    if (pending === undefined)
      return { answer: Buffer.concat([Buffer.from([tag, STATUS.invalidSession, 0, 0]), le32(0)]) };
    const refuse = (status: number) => {
      this.#pending.delete(pending.bmcId);
      return { answer: Buffer.concat([Buffer.from([tag, status, 0, 0]), le32(pending.consoleId)]) };
    };
    const length = payload[27] ?? 0;
    if (length > 16 || payload.length < 28 + length) return refuse(STATUS.invalidNameLength);
    const user = Buffer.from(payload.subarray(28, 28 + length));
    const account = this.#bmc.accounts.byName(user.toString('latin1'));
    if (account === undefined || !account.enabled) return refuse(STATUS.unauthorizedName);
    const role = payload[24] ?? 0;
    const asked = role & 0x0f;
    if (asked > privilegeOf(account)) return refuse(STATUS.unauthorizedRole);
    pending.limit = asked === 0 ? privilegeOf(account) : asked;
    pending.facts = {
      suite: pending.suite,
      consoleId: pending.consoleId,
      consoleRandom: Buffer.from(payload.subarray(8, 24)),
      bmcId: pending.bmcId,
      bmcRandom: this.#bmc.random.bytes(16),
      guid: guidBytes(this.#bmc.machine.spec.uuid),
      // how the name is looked up comes with RAKP 1 only
      role: this.#bmc.traits.ipmiHashesOpenPrivilege ? (role & 0xf0) | pending.wished : role,
      user,
      password: Buffer.from(account.password.reveal(), 'latin1'),
      kg: Buffer.from(this.#bmc.traits.ipmiKg, 'hex'),
    };
    const { bmcRandom, guid } = pending.facts;
    const head = Buffer.concat([Buffer.from([tag, STATUS.ok, 0, 0]), le32(pending.consoleId)]);
    return { answer: Buffer.concat([head, bmcRandom, guid, rakp2Code(pending.facts)]) };
  }

  rakp3(payload: Buffer): HandshakeStep | undefined {
    if (payload.length < 8) return undefined;
    const tag = payload[0] ?? 0;
    const pending = this.#pending.get(payload.readUInt32LE(4));
    const { facts, limit } = pending ?? {};
    if (pending === undefined || facts === undefined || limit === undefined) {
      return { answer: Buffer.concat([Buffer.from([tag, STATUS.invalidSession, 0, 0]), le32(0)]) };
    }
    this.#pending.delete(pending.bmcId);
    // a console that gave up says why and gets no answer
    if ((payload[1] ?? 0) !== 0) return undefined;
    const head = (status: number) => Buffer.concat([Buffer.from([tag, status, 0, 0]), le32(pending.consoleId)]);
    if (!sameCode(rakp3Code(facts), Buffer.from(payload.subarray(8))))
      return { answer: head(STATUS.invalidCheckValue) };
    const sik = sessionKey(facts);
    const { k1, k2 } = packetKeys(facts.suite, sik);
    return {
      answer: Buffer.concat([head(STATUS.ok), rakp4Code(facts, sik)]),
      session: {
        bmcId: pending.bmcId,
        consoleId: pending.consoleId,
        userName: facts.user.toString('latin1'),
        limit,
        keys: { suite: facts.suite, k1, k2 },
      },
    };
  }

  clear(): void {
    this.#pending.clear();
  }

  #newId(): number {
    for (;;) {
      const id = this.#bmc.random.bytes(4).readUInt32LE();
      if (id !== 0 && !this.#pending.has(id)) return id;
    }
  }

  #forget(): void {
    const oldest = this.#bmc.clock.monotonic() - HANDSHAKE_MS;
    for (const [id, pending] of this.#pending) if (pending.startedAt < oldest) this.#pending.delete(id);
  }
}

function le32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
