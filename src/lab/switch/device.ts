import type { Clock } from '#kernel/clock';
import { copyConfig, type LabConfig } from './state.ts';

/** What can go wrong with an emulated switch, at will. */
export class SwitchFaults {
  slowMs = 0;
  /** Connections end after so many more writes; 0: never. */
  cutAfter = 0;
  /** What puts this VLAN on a port is refused. */
  refusedVlan: number | null = null;
  failingCommits = 0;
  sessions = 16;
}

/**
 * An emulated switch without its language: what runs, what it would start with, faults, and how much was written.
 * Simulated: no frame is forwarded.
 */
export class LabSwitchDevice {
  readonly faults = new SwitchFaults();
  readonly clock: Clock;
  running: LabConfig;
  startup: LabConfig;
  /** Commands that changed something, so far. */
  writes = 0;
  /** What was typed, for tests. */
  readonly said: string[] = [];
  readonly #cuts = new Set<() => void>();

  constructor(config: LabConfig, clock: Clock) {
    this.running = config;
    this.startup = copyConfig(config);
    this.clock = clock;
  }

  /** A session began; `cut` ends it. Gives the way to say that it ended, undefined when there are too many. */
  enter(cut: () => void): (() => void) | undefined {
    if (this.#cuts.size >= this.faults.sessions) return undefined;
    this.#cuts.add(cut);
    return () => this.#cuts.delete(cut);
  }

  /** Counts a write; true when the connection is to end with it. */
  wrote(): boolean {
    this.writes++;
    if (this.faults.cutAfter === 0) return false;
    this.faults.cutAfter--;
    return this.faults.cutAfter === 0;
  }

  /** Takes one of the commits that are to fail. */
  commitFails(): boolean {
    if (this.faults.failingCommits === 0) return false;
    this.faults.failingCommits--;
    return true;
  }

  save(): void {
    this.startup = copyConfig(this.running);
  }

  /** Starts anew with what was saved. */
  reboot(): void {
    this.running = copyConfig(this.startup);
    this.cutAll();
  }

  cutAll(): void {
    for (const cut of [...this.#cuts]) cut();
    this.#cuts.clear();
  }
}
