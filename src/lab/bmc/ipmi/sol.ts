import type { Bmc } from '../bmc.ts';
import { Completion } from './command.ts';

/** Who holds the console: a way to send, and a name for the ledger. */
export interface SolPeer {
  readonly handle: number;
  sendSol(payload: Buffer): void;
}

const MAX_DATA = 200;
const RETRY_MS = 250;
const RETRIES = 8;
const BUFFER_LIMIT = 64 * 1024;

interface Active {
  peer: SolPeer;
  sequence: number;
  /** Sent and not acknowledged. */
  pending: { sequence: number; data: Buffer; tries: number } | undefined;
  cancelRetry: () => void;
  lastInbound: number;
  lastAccepted: number;
  heardAt: number;
  stop: () => void;
}

/** Serial over LAN (IPMI 2.0, 15): one console at a time, every packet acknowledged. */
export class Sol {
  readonly #bmc: Bmc;
  #active: Active | undefined;
  #outbound: Buffer = Buffer.alloc(0);
  #overrun = false;
  #othersGone = false;

  constructor(bmc: Bmc) {
    this.#bmc = bmc;
    bmc.onReboot(() => this.end(false));
    bmc.machine.onEvent((event) => {
      if (event.kind === 'power' && bmc.traits.solClosesAtPowerChange) this.end(true);
    });
  }

  /** The session handle that holds the console; 0: nobody. */
  get holder(): number {
    return this.#active?.peer.handle ?? 0;
  }

  /** Throws completion 80h when somebody else has it. */
  activate(peer: SolPeer): void {
    const others = this.#bmc.traits.solTakenByOthers && !this.#othersGone;
    if (this.#active !== undefined || others) throw new Completion(0x80);
    const stopData = this.#bmc.machine.serial.onData((bytes) => this.#fromGuest(bytes));
    const stopIdle = this.#bmc.clock.every(1_000, () => this.#checkIdle());
    this.#outbound = Buffer.alloc(0);
    this.#active = {
      peer,
      sequence: 0,
      pending: undefined,
      cancelRetry: () => {},
      lastInbound: 0,
      lastAccepted: 0,
      heardAt: this.#bmc.clock.monotonic(),
      stop: () => {
        stopData();
        stopIdle();
      },
    };
  }

  /** Throws completion 80h when nothing was active. */
  deactivate(): void {
    const others = this.#bmc.traits.solTakenByOthers && !this.#othersGone;
    this.#othersGone = true;
    if (this.#active === undefined && !others) throw new Completion(0x80);
    this.end(true);
  }

  /** The session is gone. */
  closed(peer: SolPeer): void {
    if (this.#active?.peer === peer) this.end(false);
  }

  /** Ends the console; `tell`: with a last packet that says so. */
  end(tell: boolean): void {
    const active = this.#active;
    if (active === undefined) return;
    this.#active = undefined;
    active.stop();
    active.cancelRetry();
    if (tell) active.peer.sendSol(Buffer.from([0, 0, 0, 0x10]));
  }

  /** A packet from the console. */
  receive(peer: SolPeer, payload: Buffer): void {
    const active = this.#active;
    if (active === undefined || active.peer !== peer || payload.length < 4) return;
    active.heardAt = this.#bmc.clock.monotonic();
    const [sequence = 0, acknowledged = 0, accepted = 0, operation = 0] = payload;
    if ((acknowledged & 0x0f) !== 0)
      this.#acknowledged(active, acknowledged & 0x0f, accepted, (operation & 0x40) !== 0);
    if ((operation & 0x10) !== 0) this.#bmc.machine.sendBreak().catch(() => {});
    if ((operation & 0x01) !== 0) this.#outbound = Buffer.alloc(0);
    if ((sequence & 0x0f) !== 0) this.#input(active, sequence & 0x0f, payload.subarray(4));
  }

  /** A repeated packet is acknowledged again and not typed again. */
  #input(active: Active, sequence: number, data: Buffer): void {
    if (sequence !== active.lastInbound) {
      active.lastInbound = sequence;
      active.lastAccepted = data.length;
      this.#bmc.machine.serial.toGuest(Buffer.from(data));
    }
    active.peer.sendSol(Buffer.from([0, sequence, active.lastAccepted, 0]));
  }

  #fromGuest(bytes: Buffer): void {
    this.#outbound = Buffer.concat([this.#outbound, bytes]);
    if (this.#outbound.length > BUFFER_LIMIT) {
      this.#outbound = Buffer.from(this.#outbound.subarray(-BUFFER_LIMIT));
      this.#overrun = true;
    }
    this.#pump();
  }

  #pump(): void {
    const active = this.#active;
    if (active === undefined || active.pending !== undefined || this.#outbound.length === 0) return;
    active.sequence = (active.sequence % 15) + 1;
    const data = Buffer.from(this.#outbound.subarray(0, MAX_DATA));
    this.#outbound = Buffer.from(this.#outbound.subarray(data.length));
    active.pending = { sequence: active.sequence, data, tries: 0 };
    this.#transmit(active);
  }

  #transmit(active: Active): void {
    const { pending } = active;
    if (pending === undefined) return;
    if (pending.tries++ >= RETRIES) {
      this.end(false);
      return;
    }
    const status = this.#overrun ? 0x08 : 0;
    this.#overrun = false;
    active.peer.sendSol(Buffer.concat([Buffer.from([pending.sequence, 0, 0, status]), pending.data]));
    active.cancelRetry();
    active.cancelRetry = this.#bmc.clock.after(RETRY_MS, () => {
      if (this.#active === active) this.#transmit(active);
    });
  }

  #acknowledged(active: Active, sequence: number, accepted: number, refused: boolean): void {
    const { pending } = active;
    if (pending === undefined || pending.sequence !== sequence) return;
    active.cancelRetry();
    active.pending = undefined;
    // what was not taken goes first again
    const taken = refused ? accepted : Math.max(accepted, accepted === 0 ? pending.data.length : accepted);
    if (taken < pending.data.length) this.#outbound = Buffer.concat([pending.data.subarray(taken), this.#outbound]);
    this.#pump();
  }

  #checkIdle(): void {
    const active = this.#active;
    if (active !== undefined && this.#bmc.clock.monotonic() - active.heardAt > this.#bmc.traits.solIdleMs)
      this.end(false);
  }
}
