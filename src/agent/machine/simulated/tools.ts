import type { RunResult } from '#kernel/run';
import type { SparseDisk } from './sparse-device.ts';

/** What a simulated tool can reach. */
export interface ToolWorld {
  disk(device: string): SparseDisk | null;
  efi: { order: string[]; entries: Map<string, { label: string; path: string }> };
  bmc: { address: string; mac: string } | null;
}

/** A tool of a simulated machine: its output, or null when it fails. Takes a line of input where the real one does. */
export type SimulatedTool = (args: readonly string[], world: ToolWorld) => string | null;

export const done = (stdout: string): RunResult => ({ code: 0, stdout, stderr: '', elapsedMs: 0 });

const quiet: SimulatedTool = () => '';

/** Drives that do as they are told: what emulation lacks (sanitize, ATA security) is tested with these. */
export const TOOLS: Readonly<Record<string, SimulatedTool>> = {
  sync: quiet,
  partx: quiet,
  blockdev: quiet,
  ip: quiet,
  nvme: (args, world) => {
    if (args[0] === 'id-ctrl') return JSON.stringify({ oacs: 2, fna: 0, sanicap: 0 });
    const disk = args[0] === 'format' ? world.disk(args[1] ?? '') : null;
    disk?.zero(0, disk.size);
    return disk === null ? null : 'Success formatting namespace';
  },
  hdparm: (args) => (args[0] === '-I' ? '\nSecurity:\n\tnot\tsupported\n' : null),
  efibootmgr: (args, world) => {
    const { efi } = world;
    const value = (flag: string) => args[args.indexOf(flag) + 1] ?? '';
    if (args.includes('-B')) {
      efi.entries.delete(value('-b'));
      efi.order = efi.order.filter((id) => id !== value('-b'));
    } else if (args.includes('-c')) {
      const free = Array.from({ length: 256 }, (_, i) => i.toString(16).toUpperCase().padStart(4, '0'));
      const id = free.find((one) => !efi.entries.has(one)) ?? '0000';
      efi.entries.set(id, { label: value('-L'), path: `HD(${value('-p')},GPT)/File(${value('-l')})` });
      efi.order = [id, ...efi.order];
    }
    const lines = [...efi.entries].map(([id, entry]) => `Boot${id}* ${entry.label}\t${entry.path}`);
    return [`BootOrder: ${efi.order.join(',')}`, ...lines, ''].join('\n');
  },
  ipmitool: (args, world) =>
    args[0] === 'lan' && args[2] === '1' && world.bmc !== null
      ? `IP Address              : ${world.bmc.address}\nMAC Address             : ${world.bmc.mac}\n`
      : null,
  openssl: () => `$6$simulated$${'a'.repeat(86)}\n`,
  dropbear: quiet,
  chmod: quiet,
};
