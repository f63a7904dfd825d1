import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '#kernel/clock';
import { IngotError, messageOf } from '#kernel/errors';
import { childEnv, run, type RunResult } from '#kernel/run';
import { Breaker } from '#protocols/bmc-http/breaker';
import { Turns } from '#protocols/bmc-http/turns';
import { errors } from './errors.ts';
import { Spacing } from './spacing.ts';
import { type IpmiTarget, kgText, type LoginWay, openPrivilegeWay, targetArguments, waysToTry } from './target.ts';

/** How long ipmitool waits for one answer, and how often it asks: a write once, since nobody can know about the rest. */
export interface IpmiPatience {
  waitS: number;
  readAttempts: number;
}
const PATIENCE: IpmiPatience = { waitS: 2, readAttempts: 3 };
/** Pauses before a session is asked for again. Nothing was sent yet, so this holds for writes too. */
const SESSION_PAUSES_MS = [500, 5_500];
const FAILURES = 4;
const REST_MS = 20_000;
const MAX_OUTPUT = 2 * 1024 * 1024;

/** `other-way`: the login was refused; `said` null when nobody knows why. */
type Outcome = { kind: 'said'; text: string } | { kind: 'other-way'; said: string | null } | { kind: 'no-session' };

export interface IpmiCall {
  signal?: AbortSignal | undefined;
  /** Called in the tick in which the program is started for a write. */
  beforeWrite: () => void;
}

/**
 * One BMC over ipmitool: one command at a time, the password in a file only we can read, never a shell. Remembers the
 * login that works, and how far apart commands must be. Leaves a BMC alone that does not answer.
 */
export class IpmiTool {
  readonly target: IpmiTarget;
  /** How far apart commands are. Who has one sent again because the BMC is busy tells it. */
  readonly spacing: Spacing;
  readonly #clock: Clock;
  readonly #turns = new Turns(1);
  readonly #breaker: Breaker;
  #way: LoginWay | undefined;
  readonly #patience: IpmiPatience;

  constructor(target: IpmiTarget, clock: Clock, patience = PATIENCE) {
    this.target = target;
    this.#clock = clock;
    this.#patience = patience;
    this.spacing = new Spacing(clock, target.intervalMs);
    this.#breaker = new Breaker(clock, FAILURES, REST_MS);
  }

  /** The login that worked last. */
  get way(): LoginWay | undefined {
    return this.#way;
  }

  /**
   * Sends one command as bytes (network function, command, data) and gives the answer's data. `writes`: sent at
   * most once. Throws IpmiRefused with `details.completion`, IpmiNoAnswer (after a write: nobody knows what
   * became of it), IpmiUnreachable, IpmiLoginRefused, IpmiResting.
   */
  async raw(name: string, bytes: readonly number[], call: IpmiCall, writes = false): Promise<Buffer> {
    const said = await this.command(name, ['raw', ...bytes.map(hex)], call, writes);
    const found = said.trim() === '' ? [] : said.trim().split(/\s+/);
    if (!found.every((one) => /^[0-9a-f]{2}$/i.test(one))) throw errors.IpmiGarbage(name, said.slice(0, 100));
    return Buffer.from(found.map((one) => Number.parseInt(one, 16)));
  }

  /** Runs a command of ipmitool's own; gives what it printed. */
  async command(name: string, args: readonly string[], call: IpmiCall, writes = false): Promise<string> {
    return this.#turns.run(call.signal, async () => {
      if (!this.#breaker.mayTry()) {
        const retryAfter = Math.ceil(this.#breaker.restMs / 1000);
        throw errors.IpmiResting(name, this.target.address, { retryAfter });
      }
      let how: 'answered' | 'failed' | 'unknown' = 'unknown';
      try {
        const said = await this.#inSession(name, args, call, writes);
        how = 'answered';
        return said;
      } catch (error) {
        if (error instanceof IngotError) {
          if (['IpmiUnreachable', 'IpmiNoAnswer'].includes(error.code)) how = 'failed';
          if (['IpmiRefused', 'IpmiLoginRefused', 'IpmiGarbage'].includes(error.code)) how = 'answered';
        }
        throw error;
      } finally {
        this.#breaker.ended(how);
      }
    });
  }

  /** Waits for the turn of a session that is opened beside (serial over LAN); `begin` is called in it. */
  async inTurn<T>(signal: AbortSignal | undefined, begin: () => T): Promise<T> {
    return this.#turns.run(signal, async () => {
      await this.spacing.wait(signal);
      this.spacing.sent();
      return begin();
    });
  }

  /** Tries ways to log in, and times, until a session opens. */
  async #inSession(name: string, args: readonly string[], call: IpmiCall, writes: boolean): Promise<string> {
    const ways = this.#way === undefined ? waysToTry(this.target) : [this.#way];
    const usual = ways.length;
    let refused = '';
    let silent: LoginWay | undefined;
    for (const [i, way] of ways.entries()) {
      const outcome = await this.#login(name, args, way, call, writes);
      if (outcome.kind === 'said') {
        this.#way = way;
        return outcome.text;
      }
      if (outcome.said === null) silent ??= way;
      refused = outcome.said ?? 'it gives no reason';
      const last = i + 1 === usual ? openPrivilegeWay(this.target, silent) : undefined;
      if (last !== undefined) ways.push(last);
    }
    this.#way = undefined; // the BMC's settings may have changed
    throw errors.IpmiLoginRefused(name, this.target.address, refused);
  }

  /** One way, until a session opens or is refused for good. */
  async #login(
    name: string,
    args: readonly string[],
    way: LoginWay,
    call: IpmiCall,
    writes: boolean,
  ): Promise<Exclude<Outcome, { kind: 'no-session' }>> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#once(name, args, way, call, writes);
      if (outcome.kind !== 'no-session') return outcome;
      const pause = SESSION_PAUSES_MS[attempt];
      if (pause === undefined) throw errors.IpmiUnreachable(name, this.target.address);
      await this.#clock.sleep(pause, call.signal);
    }
  }

  async #once(name: string, args: readonly string[], way: LoginWay, call: IpmiCall, writes: boolean): Promise<Outcome> {
    await this.spacing.wait(call.signal);
    const { waitS, readAttempts } = this.#patience;
    const attempts = writes ? 1 : readAttempts;
    const dir = await mkdtemp(join(tmpdir(), 'ingot-ipmi-'));
    try {
      const passwordFile = join(dir, 'password');
      await writeFile(passwordFile, `${this.target.password?.reveal() ?? ''}\n`, { mode: 0o600, flag: 'wx' });
      const whole = [...targetArguments(this.target, way, { passwordFile, attempts, waitS }), ...args];
      const kg = this.target.kg === null ? null : kgText(this.target.kg);
      if (writes) call.beforeWrite();
      const ended = await run('ipmitool', whole, {
        timeoutMs: 20_000 + attempts * waitS * 10_000,
        maxOutput: MAX_OUTPUT,
        env: childEnv(kg === null ? {} : { IPMI_KGKEY: kg }),
        okCodes: [0, 1, 2],
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      });
      if (ended.code === 0 || isOnlyGoodbye(ended)) return { kind: 'said', text: ended.stdout };
      return sessionFailure(ended.stderr, ended.elapsedMs < waitS * 900) ?? this.#commandFailure(name, ended.stderr);
    } catch (error) {
      call.signal?.throwIfAborted();
      if (error instanceof IngotError && error.code === 'ChildTimeout') {
        throw errors.IpmiNoAnswer(name, this.target.address, { cause: error });
      }
      throw error;
    } finally {
      this.spacing.sent();
      await rm(dir, { recursive: true, force: true });
    }
  }

  #commandFailure(name: string, stderr: string): never {
    const lines = stderr.trim().split('\n');
    const said = lines.find((line) => line.includes('rsp=0x')) ?? lines.at(-1) ?? '';
    const code = /rsp=0x([0-9a-f]{1,2})\)/i.exec(said)?.[1];
    if (code !== undefined) {
      const completion = Number.parseInt(code, 16);
      const text = said.split('): ').at(-1) ?? said;
      throw errors.IpmiRefused(name, completion, text, { details: { completion, transient: false } });
    }
    if (said.startsWith('Unable to send') || said === '' || /no response|timeout/i.test(said)) {
      throw errors.IpmiNoAnswer(name, this.target.address);
    }
    throw errors.IpmiGarbage(name, messageOf(said).slice(0, 200));
  }
}

/** The command was answered, only the end of the session was not to the BMC's liking. */
const isOnlyGoodbye = ({ stdout, stderr }: RunResult) =>
  stdout !== '' && /^Close Session command failed[^\n]*$/.test(stderr.trim());

/** What came before the command: it was not sent. Undefined: a session was there. */
function sessionFailure(stderr: string, isQuick: boolean): Exclude<Outcome, { kind: 'said' }> | undefined {
  if (!/unable to establish/i.test(stderr)) return undefined;
  // the tool does not tell a wrong password from a silent BMC, but the latter takes its time
  if (!isQuick || /insufficient resources|full/i.test(stderr)) return { kind: 'no-session' };
  const said = /no matching cipher suite|invalid role|unauthorized name/i.exec(stderr)?.[0];
  return { kind: 'other-way', said: said ?? null };
}

const hex = (byte: number) => `0x${byte.toString(16).padStart(2, '0')}`;
