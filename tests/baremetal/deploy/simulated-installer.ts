import { systemClock } from '#kernel/clock';
import type { Guest, GuestPlug } from '#lab/machine/simulated/guest';
import { plainGuests } from '#lab/machine/simulated/guest';
import type { SimulatedMachine } from '#lab/machine/simulated/machine';

/** What was started from the network, and what installers did. */
export interface InstallerActs {
  /** Kernel command lines by machine, oldest first. */
  started: { machine: string; line: string }[];
  kickstarts: string[];
  reported: { machine: string; status: number; body: Record<string, unknown> }[];
}

/** How an installation ends. */
export type Ending = 'installs' | 'fails' | 'dies' | 'restarts';

/**
 * Machines that boot what the boot service offers them: they ask by their MAC for the iPXE script, fetch kernel and
 * initrd, and when the kernel is told of a kickstart play Anaconda: fetch it, run the curl of each section they come
 * to, and end as it says. Other kernels just run.
 */
export function installers(
  bootUrl: () => string,
  endings: Record<string, Ending>,
): GuestPlug & { acts: InstallerActs } {
  const plain = plainGuests((ms, fn) => systemClock.after(ms, fn), 20);
  const acts: InstallerActs = { started: [], kickstarts: [], reported: [] };
  return {
    acts,
    boot(attempt): Guest | null {
      const { machine, device } = attempt;
      if (device.startsWith('disk')) return plain.boot(attempt);
      if (device !== 'http' && !device.startsWith('network')) return null;
      const guest = { name: 'firmware', stopped: false, stop: () => void (guest.stopped = true) };
      netboot(machine, bootUrl(), endings[machine.spec.name] ?? 'installs', acts, guest).catch((error: unknown) =>
        machine.print(`netboot: ${String(error)}\r\n`),
      );
      return guest;
    },
  };
}

async function netboot(
  machine: SimulatedMachine,
  base: string,
  ending: Ending,
  acts: InstallerActs,
  guest: { name: string; stopped: boolean },
): Promise<void> {
  const mac = machine.spec.nics[0]?.mac.replaceAll(':', '-') ?? '';
  const script = await (await fetch(`${base}/m/01-${mac}/boot.ipxe`)).text();
  const [, kernel = '', line = ''] = /^kernel --name kernel (\S+) (.*) BOOTIF=/m.exec(script) ?? [];
  const initrds = [...script.matchAll(/^initrd --name \S+ (\S+)/gm)].map((one) => one[1] ?? '');
  if (kernel === '') return;
  for (const url of [kernel, ...initrds]) {
    const answer = await fetch(url);
    if (!answer.ok || (await answer.arrayBuffer()).byteLength === 0) return;
  }
  if (guest.stopped) return;
  guest.name = 'linux';
  acts.started.push({ machine: machine.spec.name, line });
  const ks = /inst\.ks=(\S+)/.exec(line)?.[1];
  if (ks !== undefined) await install(machine, ks, ending, acts, () => guest.stopped);
}

async function install(
  machine: SimulatedMachine,
  url: string,
  ending: Ending,
  acts: InstallerActs,
  stopped: () => boolean,
): Promise<void> {
  const text = await (await fetch(url)).text();
  acts.kickstarts.push(text);
  await report(machine, text, '%pre', acts);
  if (ending === 'dies' || stopped()) return;
  if (ending === 'fails') return await report(machine, text, '%onerror', acts);
  machine.install(machine.spec.disks[0]?.id ?? '', 'installed system');
  await report(machine, text, '%post', acts);
  if (stopped()) return;
  if (ending === 'restarts') machine.guestReset();
  else if (/^poweroff$/m.test(text)) machine.guestPowerOff();
}

/** Runs the curl of a section, as the shell would. */
async function report(machine: SimulatedMachine, text: string, section: string, acts: InstallerActs): Promise<void> {
  const body = new RegExp(`^${section}\\n(.*?)^%end`, 'ms').exec(text)?.[1] ?? '';
  const [, data = '', url = ''] = /-d '([^']*)' (\S+)/.exec(body) ?? [];
  const headers: Record<string, string> = {};
  for (const [, name = '', value = ''] of body.matchAll(/-H '([^:']+): ([^']+)'/g)) headers[name] = value;
  const answer = await fetch(url, { method: 'POST', headers, body: data });
  const said = JSON.parse(data) as Record<string, unknown>;
  acts.reported.push({ machine: machine.spec.name, status: answer.status, body: said });
}
