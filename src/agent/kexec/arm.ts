import type { KexecArmParams, KexecArmResult } from '#agent-api/kexec';
import { messageOf } from '#kernel/errors';
import type { Run } from '../commands/command.ts';
import { numberOf } from '../commands/parameters.ts';
import { errors } from '../errors.ts';
import { listNics } from '../inventory/nics.ts';
import { type Machine, outputOf } from '../machine/contract.ts';

const LOOK_MS = 100;

/**
 * Arms the start of the loaded system: after the answer has left, addresses are taken off all links, so that not a
 * frame of this ramdisk reaches the tenant's network; the conductor disables the switch port, moves it and enables
 * it again. When the link was gone and is back, the system starts. At the deadline the machine powers off.
 */
export async function kexecArm(params: KexecArmParams, run: Run): Promise<KexecArmResult> {
  const { machine, clock } = run;
  if ((await machine.text('/sys/kernel/kexec_loaded')) !== '1') throw errors.KexecImpossible('no kernel is loaded');
  const given = params as unknown as Readonly<Record<string, unknown>>;
  const deadlineMs = numberOf(given, 'deadline_seconds', 0) * 1000;
  if (deadlineMs <= 0) throw errors.BadParameters("'deadline_seconds' must be positive");
  const settleMs = numberOf(given, 'settle_seconds', 1) * 1000;
  const nics = await listNics(machine);
  const wished = Array.isArray(params.watch) ? params.watch.map((mac) => mac.toLowerCase()) : null;
  const watch = nics.filter((nic) => (wished === null ? nic.has_carrier : wished.includes(nic.mac_address)));
  if (watch.length === 0) throw errors.BadParameters('none of the links to watch is there');
  const names = watch.map((nic) => nic.name);
  // Counted before the answer: from then on the port may be moved.
  const cuts = new Map<string, number>();
  for (const nic of names) cuts.set(nic, await cutsOf(nic, machine));
  clock.after(numberOf(given, 'drop_after_seconds', 0.5) * 1000, () => {
    const all = nics.map((nic) => nic.name);
    void go({ all, names, cuts, deadlineMs, settleMs, trigger: params.trigger ?? 'link' }, run);
  });
  return { armed: true, watching: watch.map((nic) => nic.mac_address) };
}

interface Plan {
  all: readonly string[];
  names: readonly string[];
  /** How often each had been cut before. */
  cuts: ReadonlyMap<string, number>;
  deadlineMs: number;
  settleMs: number;
  trigger: 'link' | 'delay';
}

async function go(plan: Plan, run: Run): Promise<void> {
  const { machine, clock, log } = run;
  try {
    await silence(plan.all, machine);
    const started = clock.monotonic();
    const left = () => plan.deadlineMs - (clock.monotonic() - started);
    if (plan.trigger === 'delay') await clock.sleep(plan.settleMs);
    else if (!(await linkCycled(plan, run, left))) {
      log.warn('no link came back in time: powering off');
      await machine.halt('off');
      return;
    }
    log.info('starting the system');
    await machine.halt('kexec');
  } catch (error) {
    // A machine that is neither here nor there would be on the tenant's network: off.
    log.warn('the system could not be started', { error: messageOf(error) });
    await machine.halt('off').catch(() => {});
  }
}

/** No addresses, no IPv6 of its own accord: the links stay up, only to be watched. */
async function silence(nics: readonly string[], machine: Machine): Promise<void> {
  for (const nic of nics) {
    await machine.put(`/proc/sys/net/ipv6/conf/${nic}/disable_ipv6`, '1').catch(() => {});
    await outputOf(machine, 'ip', ['address', 'flush', 'dev', nic]);
    await outputOf(machine, 'ip', ['link', 'set', 'dev', nic, 'arp', 'off', 'multicast', 'off']);
  }
}

/** How often a link was cut, as the kernel counts it: also a cut that was over before anybody looked. */
const cutsOf = async (nic: string, machine: Machine): Promise<number> =>
  Number((await machine.text(`/sys/class/net/${nic}/carrier_down_count`)) ?? 0) || 0;

/** Waits until a watched link was gone and has been back for a while; false at the deadline. */
async function linkCycled(plan: Plan, run: Run, left: () => number): Promise<boolean> {
  const { machine, clock } = run;
  const gone = new Set<string>();
  const backSince = new Map<string, number>();
  while (left() > 0) {
    for (const nic of plan.names) {
      const up = (await machine.text(`/sys/class/net/${nic}/carrier`)) === '1';
      if (!up) {
        gone.add(nic);
        backSince.delete(nic);
        continue;
      }
      if (!gone.has(nic) && (await cutsOf(nic, machine)) === plan.cuts.get(nic)) continue;
      const since = backSince.get(nic) ?? clock.monotonic();
      backSince.set(nic, since);
      if (clock.monotonic() - since >= plan.settleMs) return true;
    }
    await clock.sleep(LOOK_MS);
  }
  return false;
}
