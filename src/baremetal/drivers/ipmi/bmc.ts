import { createHash } from 'node:crypto';
import type { Clock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import { type ChassisStatus, readChassisStatus } from '#protocols/ipmi/chassis';
import { errors as ipmiErrors } from '#protocols/ipmi/errors';
import type { IpmiTarget } from '#protocols/ipmi/target';
import { openSol } from '#protocols/ipmi/sol';
import { type IpmiPatience, IpmiTool } from '#protocols/ipmi/tool';
import { errors as serialErrors } from '#protocols/serial/errors';
import type { LineWish, OpenLine } from '#protocols/serial/line';
import type { DriverCall } from '../contract.ts';
import { ipmiTarget } from './settings.ts';

/** Completion codes that mean: not now, nothing was done (IPMI 2.0, table 5-2). */
const BUSY = new Set([0xc0, 0xc4, 0xcf, 0xd2]);
/** The command took the BMC too long: what became of it is unknown. */
const TIMEOUT = 0xc3;
const NOT_IN_THIS_STATE = 0xd5;
const BUSY_FOR_MS = 30_000;
/** Tools of BMCs nobody asked for so long are forgotten; they keep nothing open. Milliseconds. */
const IDLE_MS = 30 * 60_000;
/** What one call read is used again in it for so long: each command is a session of its own. Milliseconds. */
const JUST_READ_MS = 1_000;
const justRead = new WeakMap<DriverCall, { status: ChassisStatus; at: number }>();
/** A line that is just being closed, for a node that was enrolled anew, is waited for so long. Milliseconds. */
const LINE_FREE_MS = 5_000;

/** Tools by BMC and account, so that commands to one BMC go one by one whoever asks. */
export class IpmiTools {
  readonly clock: Clock;
  readonly #known = new Map<string, { tool: IpmiTool; usedAt: number }>();
  /** Lines that are open or being opened, by the BMC's address: each resolves when the place is free again. */
  readonly #lines = new Map<string, Promise<void>>();
  readonly #patience: IpmiPatience | undefined;

  constructor(clock: Clock, patience?: IpmiPatience) {
    this.clock = clock;
    this.#patience = patience;
  }

  of(target: IpmiTarget): IpmiTool {
    const { password, kg, ...rest } = target;
    const hash = createHash('sha256').update(JSON.stringify(rest));
    const key = hash.update(`${password?.reveal()}/${kg?.reveal()}`).digest('hex');
    const now = this.clock.monotonic();
    let known = this.#known.get(key);
    if (known === undefined) {
      for (const [old, one] of this.#known) if (one.usedAt < now - IDLE_MS) this.#known.delete(old);
      known = { tool: new IpmiTool(target, this.clock, this.#patience), usedAt: now };
      this.#known.set(key, known);
    }
    known.usedAt = now;
    return known.tool;
  }

  /**
   * Opens the BMC's console. A BMC has one: two nodes enrolled with the same would take it from each other without end,
   * so the second is refused with SerialTaken.
   */
  async openLine(target: IpmiTarget, wish: LineWish): Promise<OpenLine> {
    const where = `${target.address}:${target.port}`;
    const before = this.#lines.get(where);
    if (before !== undefined) await Promise.race([before, this.clock.sleep(LINE_FREE_MS, wish.signal)]);
    if (this.#lines.has(where)) throw serialErrors.SerialTaken(where);
    let free = () => {};
    const place = new Promise<void>((resolve) => {
      free = resolve;
    });
    this.#lines.set(where, place);
    const leave = () => {
      this.#lines.delete(where);
      free();
    };
    try {
      const line = await openSol(this.of(target), this.clock, wish);
      void line.closed.then(leave);
      return line;
    } catch (error) {
      leave();
      throw error;
    }
  }
}

/** The BMC of one call. */
export class IpmiBmc {
  readonly call: DriverCall;
  readonly #target: IpmiTarget;
  readonly #tool: IpmiTool;
  readonly #clock: Clock;

  constructor(tools: IpmiTools, call: DriverCall) {
    this.call = call;
    this.#clock = tools.clock;
    this.#target = ipmiTarget(call.node);
    this.#tool = tools.of(this.#target);
  }

  async status(): Promise<ChassisStatus> {
    const data = await this.read('chassis status', [0x00, 0x01]);
    const status = readChassisStatus(data);
    if (status === undefined) throw ipmiErrors.IpmiGarbage('chassis status', data.toString('hex'));
    justRead.set(this.call, { status, at: this.#clock.monotonic() });
    return status;
  }

  /** The status as this very call read it a moment ago, when it wrote nothing since. */
  async #statusJustRead(): Promise<ChassisStatus> {
    const known = justRead.get(this.call);
    if (known !== undefined && this.#clock.monotonic() - known.at < JUST_READ_MS) return known.status;
    return await this.status();
  }

  /** A command that changes nothing, sent again while the BMC is busy. */
  read(name: string, bytes: readonly number[]): Promise<Buffer> {
    const again = (error: unknown) => isBusy(error) || isCompletion(error, TIMEOUT);
    return this.#patiently(again, () => this.#tool.raw(name, bytes, this.#ask()));
  }

  /** A setting: writing it twice is writing it once. */
  set(name: string, bytes: readonly number[]): Promise<Buffer> {
    const again = (error: unknown) => isBusy(error) || isCompletion(error, TIMEOUT);
    return this.#patiently(again, () => this.#tool.raw(name, bytes, this.#ask(), true));
  }

  /** A command that acts, sent once; a BMC that says it is busy has done nothing and is asked again. */
  act(name: string, bytes: readonly number[]): Promise<Buffer> {
    return this.#patiently(isBusy, () => this.#tool.raw(name, bytes, this.#ask(), true));
  }

  /** Brings power to a state, looking before each attempt. */
  async power(on: boolean): Promise<void> {
    let first = true;
    await this.#patiently(isBusy, async () => {
      const { on: now } = await (first ? this.#statusJustRead() : this.status());
      first = false;
      if (now === on) return;
      try {
        await this.#tool.raw(on ? 'power on' : 'power off', [0x00, 0x02, on ? 0x01 : 0x00], this.#ask(), true);
      } catch (error) {
        if (isCompletion(error, NOT_IN_THIS_STATE) && (await this.status()).on === on) return; // it got there meanwhile
        // unknown what became of it: whoever called watches the machine
        if (isCompletion(error, TIMEOUT)) throw ipmiErrors.IpmiNoAnswer('power', this.#tool.target.address);
        throw error;
      }
    });
  }

  /** What ipmitool prints of the sensors, thresholds included. */
  sensorText(): Promise<string> {
    return this.#tool.command('sdr', ['-v', 'sdr', 'list', 'all'], this.#ask());
  }

  #ask() {
    const beforeWrite = () => {
      justRead.delete(this.call);
      this.call.assertMayWrite();
    };
    return { signal: this.call.signal, beforeWrite };
  }

  async #patiently<T>(again: (error: unknown) => boolean, work: () => Promise<T>): Promise<T> {
    const { spacing } = this.#tool;
    const until = this.#clock.monotonic() + BUSY_FOR_MS;
    for (;;) {
      try {
        const given = await work();
        spacing.taken();
        this.#noteQuirks();
        return given;
      } catch (error) {
        if (!again(error) || this.#clock.monotonic() > until) throw error;
      }
      spacing.busy();
    }
  }

  /** Where people see it. */
  #noteQuirks(): void {
    const { way, spacing } = this.#tool;
    const found = [
      ...(this.#target.privilege === null && way?.privilege === 'OPERATOR' ? ['hashes-open-privilege'] : []),
      ...(spacing.learntMs > 0 ? ['commands-too-close'] : []),
    ];
    if (found.length > 0) noteIpmiQuirks(this.call, found);
  }
}

/** Adds to the quirks that are shown with the node. */
export function noteIpmiQuirks(call: DriverCall, found: readonly string[]): void {
  const before = call.node.driverInternalInfo?.['ipmi_quirks'];
  const known = Array.isArray(before) ? before.map(String) : [];
  if (found.every((one) => known.includes(one))) return;
  call.notes.internal({ ipmi_quirks: [...new Set([...known, ...found])] });
}

/** Was the command refused with this completion code? */
export function isCompletion(error: unknown, ...codes: number[]): boolean {
  if (!(error instanceof IngotError) || error.code !== 'IpmiRefused') return false;
  return codes.some((code) => code === error.details?.['completion']);
}

const isBusy = (error: unknown) => isCompletion(error, ...BUSY);
