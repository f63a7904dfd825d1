import { type Guest, type GuestPlug, plainGuests } from '../guest.ts';
import { type Clock, systemClock } from '#kernel/clock';
import { AgentControl } from './control.ts';
import { AgentGuest } from './guest.ts';
import type { SimulatedAgentOptions } from './options.ts';

const SOFT_OFF_MS = 20;

/**
 * Machines that boot the deploy ramdisk from the network, from HTTP or from virtual media, and what is installed
 * from their disks.
 */
export function agentGuests(options: SimulatedAgentOptions): GuestPlug & { control: AgentControl } {
  const clock: Clock = options.clock ?? systemClock;
  const control = new AgentControl();
  const plain = plainGuests((ms, fn) => clock.after(ms, fn), SOFT_OFF_MS);
  const boots = new Map<string, number>();
  return {
    control,
    boot(attempt): Guest | null {
      const { device, medium, machine } = attempt;
      const carries = device.startsWith('network') || device === 'http' || (device === 'cd' && medium !== null);
      if (!carries) return plain.boot(attempt);
      const { name } = machine.spec;
      const boot = (boots.get(name) ?? 0) + 1;
      boots.set(name, boot);
      return new AgentGuest(attempt, boot, options, control);
    },
  };
}
