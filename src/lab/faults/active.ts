import { type Random, systemRandom } from '#kernel/random';
import { type Clock, systemClock } from '#kernel/clock';
import { DEFAULT_TRAITS, type Traits } from '../bmc/traits.ts';
import type { DiskTrouble } from '../machine/contract.ts';
import type {
  Effects,
  HowOften,
  HttpEffect,
  HttpMatch,
  HttpRule,
  IpmiRule,
  LinkFault,
  PowerLie,
  WhenState,
} from './effects.ts';
import { valueAt } from './pointer.ts';

/** What a rule may ask about a request. */
export interface HttpFacts {
  method: string;
  path: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed body; undefined when there was none. */
  body: unknown;
}

/** What a rule may ask about the machine. */
export interface MachineFacts {
  power: 'on' | 'off';
  post: boolean;
  /** Monotonic milliseconds of the last change, and of the last time it went off. */
  powerChangedAt: number;
  poweredOffAt: number;
}

interface Counter {
  bitten: number;
  windowStart: number;
  inWindow: number;
}

/**
 * The faults and quirks switched on for one BMC, by name. Later ones win where traits overlap. Rules count
 * how often they bit; switching a name on again starts its counts anew.
 */
export class ActiveEffects {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #active = new Map<string, Effects>();
  readonly #counters = new WeakMap<HowOften, Counter>();
  #base: Partial<Traits> = {};
  #traits: Traits = DEFAULT_TRAITS;

  constructor(clock: Clock = systemClock, random: Random = systemRandom) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The BMC's behaviour with everything that is on. */
  get traits(): Traits {
    return this.#traits;
  }

  /** What this BMC is, before any quirk: set once by who builds the machine. */
  setBase(traits: Partial<Traits>): void {
    this.#base = traits;
    this.#merge();
  }

  /** Switches effects on under a name, replacing what that name stood for. */
  on(name: string, effects: Effects): void {
    this.#active.delete(name);
    // cloned, so that the same quirk on two BMCs has two sets of counters
    this.#active.set(name, structuredClone(effects));
    this.#merge();
  }

  /** True when that name was on. */
  off(name: string): boolean {
    const was = this.#active.delete(name);
    this.#merge();
    return was;
  }

  clear(): void {
    this.#active.clear();
    this.#merge();
  }

  list(): { name: string; effects: Effects }[] {
    return [...this.#active].map(([name, effects]) => ({ name, effects }));
  }

  /** The effects of every HTTP rule that bites on this request, in the order they were switched on. */
  http(facts: HttpFacts, machine: MachineFacts): HttpEffect[] {
    const out: HttpEffect[] = [];
    for (const effects of this.#active.values()) {
      for (const rule of effects.http ?? []) {
        if (this.#matchesHttp(rule, facts, machine) && this.#bites(rule)) out.push(rule.effect);
      }
    }
    return out;
  }

  /** The same for an IPMI command. */
  ipmi(netFn: number, command: number, machine: MachineFacts): IpmiRule['effect'][] {
    const out: IpmiRule['effect'][] = [];
    for (const effects of this.#active.values()) {
      for (const rule of effects.ipmi ?? []) {
        if (rule.netFn !== undefined && rule.netFn !== netFn) continue;
        if (rule.command !== undefined && rule.command !== command) continue;
        if (this.#holds(rule.when, machine) && this.#bites(rule)) out.push(rule.effect);
      }
    }
    return out;
  }

  get power(): PowerLie {
    let lie: PowerLie = {};
    for (const effects of this.#active.values()) lie = { ...lie, ...effects.power };
    return lie;
  }

  /** What is wrong with a disk. */
  disk(id: string): DiskTrouble | undefined {
    let trouble: DiskTrouble | undefined;
    for (const { disks } of this.#active.values()) trouble = disks?.[id] ?? disks?.['*'] ?? trouble;
    return trouble;
  }

  get link(): LinkFault {
    let link: LinkFault = {};
    for (const effects of this.#active.values()) link = { ...link, ...effects.link };
    return link;
  }

  #merge(): void {
    this.#traits = { ...DEFAULT_TRAITS, ...this.#base };
    for (const effects of this.#active.values()) this.#traits = { ...this.#traits, ...effects.traits };
  }

  #matchesHttp(rule: HttpRule, facts: HttpFacts, machine: MachineFacts): boolean {
    if (rule.method !== undefined && !rule.method.includes(facts.method)) return false;
    if (rule.path !== undefined && !new RegExp(rule.path).test(facts.path)) return false;
    if (rule.noBody && facts.body !== undefined) return false;
    return matchesBody(rule, facts.body) && matchesHeaders(rule, facts) && this.#holds(rule.when, machine);
  }

  #holds(when: WhenState | undefined, machine: MachineFacts): boolean {
    if (when === undefined) return true;
    if (when.power !== undefined && when.power !== machine.power) return false;
    if (when.post !== undefined && when.post !== machine.post) return false;
    const now = this.#clock.monotonic();
    const { powerChangedWithinMs, poweredOffWithinMs } = when;
    if (powerChangedWithinMs !== undefined && now - machine.powerChangedAt > powerChangedWithinMs) return false;
    return poweredOffWithinMs === undefined || now - machine.poweredOffAt <= poweredOffWithinMs;
  }

  #bites(rule: HowOften): boolean {
    let counter = this.#counters.get(rule);
    if (counter === undefined) {
      counter = { bitten: 0, windowStart: this.#clock.monotonic(), inWindow: 0 };
      this.#counters.set(rule, counter);
    }
    if (rule.abovePerSecond !== undefined) {
      const now = this.#clock.monotonic();
      if (now - counter.windowStart >= 1000) {
        counter.windowStart = now;
        counter.inWindow = 0;
      }
      if (++counter.inWindow <= rule.abovePerSecond) return false;
    }
    if (rule.times !== undefined && counter.bitten >= rule.times) return false;
    if (rule.chance !== undefined && this.#random.next() >= rule.chance) return false;
    counter.bitten++;
    return true;
  }
}

function matchesBody(rule: HttpMatch, body: unknown): boolean {
  if (rule.bodyHas?.some((pointer) => valueAt(body, pointer) === undefined)) return false;
  if (rule.bodyLacks?.every((pointer) => valueAt(body, pointer) !== undefined)) return false;
  for (const [pointer, pattern] of Object.entries(rule.bodyMatches ?? {})) {
    const value = valueAt(body, pointer);
    if (value === undefined || !new RegExp(pattern).test(String(value))) return false;
  }
  return true;
}

function matchesHeaders(rule: HttpMatch, facts: HttpFacts): boolean {
  if (rule.headerLacks?.some((name) => facts.headers[name] !== undefined)) return false;
  for (const [name, pattern] of Object.entries(rule.headerMatches ?? {})) {
    const value = facts.headers[name];
    if (value === undefined || !new RegExp(pattern).test(String(value))) return false;
  }
  return true;
}
