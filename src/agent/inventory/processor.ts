import type { InventoryCpu } from '#agent-api/inventory';
import { type Machine, numberAt } from '../machine/contract.ts';

/** Processors from /proc/cpuinfo, in the words of the architecture. */
export async function readCpu(machine: Machine): Promise<InventoryCpu> {
  const info = (await machine.text('/proc/cpuinfo')) ?? '';
  const most = await numberAt(machine, '/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq');
  const read = parseCpuinfo(info);
  const architecture = (await machine.text('/proc/sys/kernel/arch')) ?? 'x86_64';
  return { ...read, frequency: most === null ? read.frequency : (most / 1000).toFixed(4), architecture };
}

/** Reads /proc/cpuinfo of x86 and ARM kernels. */
export function parseCpuinfo(text: string): Omit<InventoryCpu, 'architecture'> {
  const values = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}\\s*:[ \\t]*(.*)$`, 'gm'))].map((match) => match[1] ?? '');
  const sockets = new Set(values('physical id'));
  const flags = values('flags')[0] ?? values('Features')[0] ?? '';
  return {
    model_name: values('model name')[0] ?? null,
    frequency: values('cpu MHz')[0] ?? null,
    count: values('processor').length,
    flags: flags.split(/\s+/).filter((flag) => flag !== ''),
    socket_count: sockets.size === 0 ? null : sockets.size,
  };
}
