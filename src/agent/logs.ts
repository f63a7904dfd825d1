import type { Clock } from '#kernel/clock';
import { tarGz } from './archive.ts';
import type { AgentLog } from './log.ts';
import { type Machine, outputOf } from './machine/contract.ts';

/** What a person who looks for the cause would type first. */
const TOOLS: readonly (readonly [file: string, tool: string, ...args: string[]])[] = [
  ['dmesg', 'dmesg'],
  ['lsblk', 'lsblk', '-O'],
  ['blkid', 'blkid'],
  ['ip_addr', 'ip', 'address'],
  ['ip_route', 'ip', 'route'],
  ['lspci', 'lspci', '-nnk'],
  ['mdstat', 'cat', '/proc/mdstat'],
  ['efibootmgr', 'efibootmgr', '-v'],
  ['df', 'df', '-h'],
];

/** The ramdisk's logs as a tar.gz: the agent's own, the kernel's, and what is where. */
export async function collectLogs(machine: Machine, log: AgentLog, clock: Clock): Promise<Buffer> {
  const files = new Map<string, Buffer>([['agent.log', Buffer.from(`${log.lines().join('\n')}\n`)]]);
  const outputs = await Promise.all(TOOLS.map(([, tool, ...args]) => outputOf(machine, tool, args)));
  TOOLS.forEach(([file], i) => {
    const output = outputs[i];
    if (output !== null && output !== undefined) files.set(file, Buffer.from(output));
  });
  return await tarGz(files, clock.now() / 1000);
}
