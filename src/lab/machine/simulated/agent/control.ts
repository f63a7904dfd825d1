import type { AgentAct, AgentFault, ExtraStep } from './options.ts';

/** What tests tell the agents of a lab, and what they saw. */
export class AgentControl {
  readonly acts: AgentAct[] = [];
  readonly #faults = new Map<string, { fault: AgentFault; left: number }>();
  readonly steps: ExtraStep[] = [];

  /** Makes `fault` happen on a machine (`*`: on any) at a command, the next `times` times. */
  fault(machine: string, at: string, fault: AgentFault, times = 1): void {
    this.#faults.set(`${machine} ${at}`, { fault, left: times });
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  /** The fault that is to happen now, counted as happened. */
  take(machine: string, at: string): AgentFault | undefined {
    for (const key of [`${machine} ${at}`, `* ${at}`]) {
      const found = this.#faults.get(key);
      if (found === undefined || found.left <= 0) continue;
      found.left--;
      return found.fault;
    }
    return undefined;
  }

  /** Steps that agents offer besides their own, as they tell them. */
  stepsOf(phase: string): Record<string, unknown>[] {
    return this.steps
      .filter((one) => one.flow === phase)
      .map((one) => ({
        step: one.step,
        interface: one.interface,
        priority: one.priority,
        reboot_requested: one.reboot_requested ?? false,
        abortable: true,
      }));
  }

  did(act: AgentAct): void {
    this.acts.push(act);
  }

  /** What a machine's agents did, in order. */
  of(machine: string): string[] {
    return this.acts.filter((act) => act.machine === machine).map((act) => act.what);
  }
}
