import type { Clock } from '#kernel/clock';
import type { ActiveEffects } from '../faults/active.ts';
import type { Caller, Ledger } from '../ledger.ts';
import type { Machine } from '../machine/contract.ts';
import { refuse } from './refusal.ts';

/** What a BMC can be told to do with power. Both doors map their own words to these. */
export type PowerVerb =
  | 'on'
  | 'off'
  | 'soft'
  | 'soft-restart'
  | 'reset'
  | 'cycle'
  | 'button'
  | 'nmi'
  | 'pause'
  | 'resume';

export type ReportedPower = 'On' | 'Off' | 'PoweringOn' | 'PoweringOff' | 'Paused' | null;

/** A guest asked to restart that has not gone off by then is left alone. */
const SOFT_RESTART_WAIT_MS = 5 * 60_000;

/**
 * Power of one machine as its BMC handles it: what is allowed when, what is reported meanwhile, and what goes
 * into the ledger. Every verb that reaches the machine makes exactly one `power.*` action there.
 */
export class PowerControl {
  readonly #machine: Machine;
  readonly #effects: ActiveEffects;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  #transition: 'PoweringOn' | 'PoweringOff' | null = null;
  #token = 0;
  #restartUntil = Number.NEGATIVE_INFINITY;
  #restartCaller: Caller | undefined;
  #hung = false;
  changedAt = Number.NEGATIVE_INFINITY;
  offAt = Number.NEGATIVE_INFINITY;
  /** Wall clock of the last start of the firmware; null: never. */
  lastResetAt: number | null = null;

  constructor(machine: Machine, effects: ActiveEffects, ledger: Ledger, clock: Clock) {
    this.#machine = machine;
    this.#effects = effects;
    this.#ledger = ledger;
    this.#clock = clock;
    machine.onEvent((event) => {
      if (event.kind === 'boot') this.lastResetAt = clock.now();
      if (event.kind === 'boot' && event.cause === 'guest-reset') this.#onGuestReset();
      if (event.kind !== 'power') return;
      this.changedAt = clock.monotonic();
      if (event.state === 'off') this.offAt = this.changedAt;
      if (event.state === 'off' && event.cause === 'guest') this.#onGuestOff();
    });
  }

  /** What a client is told; the truth unless a fault lies. */
  reported(): ReportedPower {
    const lie = this.#effects.power.reports;
    if (lie !== undefined) return lie;
    if (this.#hung) return 'On';
    if (this.#transition !== null) return this.#transition;
    if (this.#machine.power === 'off') return 'Off';
    return this.#machine.paused ? 'Paused' : 'On';
  }

  /** True in fact, whatever is reported. */
  get isOn(): boolean {
    return this.#machine.power === 'on';
  }

  /**
   * Does one verb. With slow transitions it returns at once and the state changes later; else when it is done.
   * Throws a refusal when the state forbids it.
   */
  async act(verb: PowerVerb, caller: Caller): Promise<void> {
    this.#mayAct(verb);
    const ignored = this.#effects.power.ignores?.includes(verb) ?? false;
    this.#ledger.add(this.#machine.spec.name, 'action', caller, `power.${verb}`, ignored ? { ignored } : {});
    if (ignored) return;
    switch (verb) {
      case 'on':
        return this.#turnOn();
      case 'off':
        return this.#turnOff();
      case 'button':
        return this.isOn ? this.#machine.pressPowerButton() : this.#turnOn();
      case 'soft':
        return this.#machine.pressPowerButton();
      case 'soft-restart':
        this.#restartUntil = this.#clock.monotonic() + SOFT_RESTART_WAIT_MS;
        this.#restartCaller = caller;
        return this.#machine.pressPowerButton();
      case 'reset':
        return this.#machine.reset();
      case 'cycle':
        return this.#cycle();
      case 'nmi':
        return this.#machine.injectNmi();
      case 'pause':
        return this.#machine.pause();
      case 'resume':
        return this.#machine.resume();
    }
  }

  #mayAct(verb: PowerVerb): void {
    const on = this.isOn || this.#hung;
    if (this.#transition !== null && verb !== 'off') throw refuse('ResourceInUse');
    if (verb === 'on' || verb === 'off') {
      if (this.#effects.traits.refusesSamePower && (verb === 'on') === on) {
        throw refuse('ActionParameterValueConflict', 'ResetType', verb === 'on' ? 'On' : 'ForceOff');
      }
      return;
    }
    if (verb === 'button') return;
    if (verb === 'resume') {
      if (!this.#machine.paused) throw refuse('ResourceInUse');
      return;
    }
    if (!on) throw refuse('ChassisPowerStateOnRequired', this.#effects.traits.chassisId);
    // a hung board hears nothing but the plug
    if (this.#hung) throw refuse('ResourceInUse');
  }

  async #turnOn(): Promise<void> {
    if (this.#hung || this.isOn) return;
    await this.#slowly('PoweringOn', this.#effects.traits.powerOnMs, () => this.#machine.powerOn());
  }

  async #turnOff(): Promise<void> {
    this.#restartUntil = Number.NEGATIVE_INFINITY;
    if (this.#hung) {
      this.#hung = false;
      this.changedAt = this.#clock.monotonic();
      this.offAt = this.changedAt;
    }
    if (!this.isOn && this.#transition === null) return;
    await this.#slowly('PoweringOff', this.#effects.traits.powerOffMs, () => this.#machine.powerOff());
  }

  async #cycle(): Promise<void> {
    const { powerOffMs, powerOnMs, cycleGapMs } = this.#effects.traits;
    const whole = async () => {
      this.#transition = 'PoweringOff';
      await this.#clock.sleep(powerOffMs);
      await this.#machine.powerOff();
      await this.#clock.sleep(cycleGapMs);
      this.#transition = 'PoweringOn';
      await this.#clock.sleep(powerOnMs);
      await this.#machine.powerOn();
    };
    const done = whole().finally(() => {
      this.#transition = null;
    });
    if (powerOffMs + powerOnMs === 0) await done;
    else done.catch(() => {});
  }

  /** A later verb overtakes an earlier one that has not happened yet. */
  async #slowly(showing: 'PoweringOn' | 'PoweringOff', ms: number, act: () => Promise<void>): Promise<void> {
    const mine = ++this.#token;
    this.#transition = showing;
    const done = (async () => {
      try {
        if (ms > 0) await this.#clock.sleep(ms);
        if (mine === this.#token) await act();
      } finally {
        if (mine === this.#token) this.#transition = null;
      }
    })();
    if (ms === 0) await done;
    else done.catch(() => {});
  }

  #onGuestOff(): void {
    if (this.#restartCaller !== undefined && this.#clock.monotonic() < this.#restartUntil) {
      this.#restartUntil = Number.NEGATIVE_INFINITY;
      this.#slowly('PoweringOn', this.#effects.traits.powerOnMs, () => this.#machine.powerOn()).catch(() => {});
    } else if (this.#effects.traits.hangsAfterGuestPowerOff) this.#hung = true;
  }

  #onGuestReset(): void {
    if (!this.#effects.traits.hangsAfterGuestReset) return;
    this.#hung = true;
    this.#machine.powerOff().catch(() => {});
  }
}
