import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { freeSpace, SPACE_TO_BEGIN } from '#platform/space';
import { bad, bytesText, type Finding, good, slow } from './finding.ts';

const MIB = 1024 * 1024;

/** The Node this runs on. */
export function nodeFinding(): Finding {
  const seen = `${process.versions.node} at ${process.execPath}`;
  if (Number(process.versions.node.split('.')[0]) < 24) return bad('Node', seen, 'run npm ci: it brings Node 24');
  return good('Node', seen);
}

export function processorFinding(): Finding {
  const cores = availableParallelism();
  const load = process.platform === 'linux' ? `${cores} for this process` : String(cores);
  return cores < 2
    ? slow('Processors', load, 'give it two: database and program then run side by side')
    : good('Processors', load);
}

/** Free memory, of the machine or of the control group this runs in. */
export async function memoryFinding(): Promise<Finding> {
  const meminfo = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const machine = Number(/MemAvailable:\s+(\d+) kB/.exec(meminfo)?.[1] ?? Number.NaN) * 1024;
  const group = await groupMemory();
  const free = Math.min(machine, group ?? Number.POSITIVE_INFINITY);
  if (!Number.isFinite(free)) return slow('Memory', 'unknown', 'needs 512 MiB free');
  const seen = `${bytesText(free)} free${group !== undefined && group < machine ? ' in this control group' : ''}`;
  if (free < 300 * MIB) return bad('Memory', seen, 'Ingot with its database needs 300 MiB; 512 MiB to be at ease');
  if (free < 512 * MIB) return slow('Memory', seen, 'give it 512 MiB to be at ease');
  return good('Memory', seen);
}

async function groupMemory(): Promise<number | undefined> {
  const own = /^0::(\/.*)$/m.exec(await readFile('/proc/self/cgroup', 'utf8').catch(() => ''))?.[1];
  if (own === undefined) return undefined;
  const at = `/sys/fs/cgroup${own}`;
  const limit = Number(await readFile(`${at}/memory.max`, 'utf8').catch(() => 'max'));
  const used = Number(await readFile(`${at}/memory.current`, 'utf8').catch(() => '0'));
  return Number.isFinite(limit) ? Math.max(0, limit - used) : undefined;
}

/** Room on the disk of the data directory. */
export async function diskFinding(dataDir: string): Promise<Finding> {
  const free = await freeSpace(dataDir);
  if (free === undefined) return bad('Disk', `${dataDir} cannot be examined`, 'check that its disk is mounted');
  const seen = `${bytesText(free)} free for ${dataDir}`;
  const remedy = 'free some space, or name another place with --data-dir: 2 GiB to be at ease, logs and history grow';
  if (free < SPACE_TO_BEGIN) return bad('Disk', seen, remedy);
  return free < 2048 * MIB ? slow('Disk', seen, remedy) : good('Disk', seen);
}

/** A conductor keeps a few connections per machine it talks to. */
export async function openFilesFinding(): Promise<Finding> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const soft = /Max open files\s+(\d+|unlimited)/.exec(limits)?.[1];
  if (soft === undefined) return good('Open files', 'limit unknown');
  const count = soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
  if (count < 1024)
    return slow('Open files', `at most ${soft}`, 'raise it: ulimit -n 65536, or LimitNOFILE= in systemd');
  return good('Open files', `at most ${soft}`);
}
