import type { EraseEvidence, EraseMethod, EraseResult } from '#agent-api/erase';
import { messageOf } from '#kernel/errors';
import type { Params, Run } from '../commands/command.ts';
import { isObject } from '../commands/parameters.ts';
import { readHints } from '../disks/hints.ts';
import { rereadTable } from '../disks/reread.ts';
import { errors } from '../errors.ts';
import { type FoundDisk, listDisks } from '../inventory/disks.ts';
import { outputOf } from '../machine/contract.ts';
import { ataErase, ataMethods } from './ata.ts';
import { nvmeErase, nvmeMethods } from './nvme.ts';
import { eraseMetadata, overwrite, zeroByDevice } from './overwrite.ts';
import { digestOf, firstSurvivor, samplePlaces, takeSamples } from './proof.ts';

/** How thorough: everything, only what makes data findable, or the fast way of each drive. */
export type EraseKind = 'all' | 'metadata' | 'express';

/** Drives that are erased at the same time. */
const AT_ONCE = 4;

/**
 * Erases the machine's disks and gives the proof. A drive's own way is tried first, then overwriting; each is read
 * back at places nobody could foresee. Throws when one disk cannot be erased or still shows data: a machine that is
 * half erased is not erased.
 */
export async function eraseDisks(kind: EraseKind, node: Params | null, run: Run): Promise<EraseResult> {
  await releaseDisks(run);
  const { disks, skipped } = chooseDisks(await listDisks(run.machine), node);
  const done = new Map<string, number>();
  const total = disks.reduce((sum, disk) => sum + disk.size, 0);
  const tell = (disk: FoundDisk) => (bytes: number) => {
    done.set(disk.name, bytes);
    const sum = [...done.values()].reduce((a, b) => a + b, 0);
    run.progress({ phase: 'erase', what: disks.map((d) => d.name).join(' '), bytes: sum, total });
  };
  const devices: EraseEvidence[] = [];
  const queue = [...disks];
  const worker = async () => {
    for (let disk = queue.shift(); disk !== undefined; disk = queue.shift()) {
      devices.push(await eraseDisk(disk, kind, node, run, tell(disk)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, queue.length) }, worker));
  return { devices: devices.sort((a, b) => (a.device < b.device ? -1 : 1)), skipped };
}

/** Disks to erase. Arrays are erased through their members; media of the BMC are no disks of the machine. */
export function chooseDisks(
  disks: readonly FoundDisk[],
  node: Params | null,
): { disks: FoundDisk[]; skipped: { device: string; why: string }[] } {
  const properties = node?.['properties'];
  const wish = isObject(properties) ? properties['skip_block_devices'] : undefined;
  const tests = (Array.isArray(wish) ? wish : []).filter(isObject).map((hints) => readHints(hints));
  const internal = isObject(node?.['driver_internal_info']) ? node['driver_internal_info'] : {};
  const skipped: { device: string; why: string }[] = [];
  const chosen = disks.filter((disk) => {
    const why = disk.array
      ? 'a RAID array: its members are erased'
      : tests.some((set) => set.every((test) => test(disk)))
        ? 'skip_block_devices of the node names it'
        : disk.readOnly && disk.removable
          ? 'a medium that cannot be written'
          : disk.readOnly && internal['agent_erase_skip_read_only'] === true
            ? 'it is read only'
            : null;
    if (why !== null) skipped.push({ device: disk.name, why });
    return why === null;
  });
  const locked = chosen.find((disk) => disk.readOnly);
  if (locked !== undefined) throw errors.EraseFailed(locked.name, 'it is read only');
  return { disks: chosen, skipped };
}

/** Nothing may hold a disk: arrays, volume groups and mappings of an earlier life are stopped. */
async function releaseDisks(run: Run): Promise<void> {
  if (run.machine.kind === 'simulated') return;
  await outputOf(run.machine, 'lvm', ['vgchange', '-an']);
  await outputOf(run.machine, 'dmsetup', ['remove_all']);
  await outputOf(run.machine, 'mdadm', ['--stop', '--scan']);
}

async function eraseDisk(
  disk: FoundDisk,
  kind: EraseKind,
  node: Params | null,
  run: Run,
  tell: (bytes: number) => void,
): Promise<EraseEvidence> {
  const started = run.clock.now();
  const { methods, passedOver } = await methodsFor(disk, kind, node, run);
  const device = await run.machine.open(disk.name, 'read');
  const places = samplePlaces(disk.size, run.random);
  const before = await takeSamples(device, places).finally(() => device.close());
  for (const method of methods) {
    try {
      const bytes = await apply(method, disk, run, tell);
      // A new handle: what the page cache held before the drive erased itself is not to be believed.
      await outputOf(run.machine, 'blockdev', ['--flushbufs', disk.name]);
      const read = await run.machine.open(disk.name, 'read');
      const checked = method === 'metadata' ? places.filter((at) => at === 0 || at === places.at(-1)) : places;
      const samples = await takeSamples(read, checked).finally(() => read.close());
      const survivor = firstSurvivor(before, samples, method.includes('crypto'));
      if (survivor !== null) throw errors.EraseNotProven(disk.name, `at byte ${survivor.offset}, after ${method}`);
      tell(disk.size);
      await rereadTable(run.machine, disk.name);
      run.log.info('a disk is erased', { device: disk.name, method });
      return {
        device: disk.name,
        serial: disk.serial,
        wwn: disk.wwn,
        model: disk.model,
        size: disk.size,
        method,
        passed_over: passedOver,
        bytes,
        started_at: new Date(started).toISOString(),
        finished_at: new Date(run.clock.now()).toISOString(),
        samples,
        digest: digestOf(samples),
        verified: true,
      };
    } catch (error) {
      run.signal.throwIfAborted();
      passedOver.push({ method, why: messageOf(error) });
      run.log.warn('a way to erase failed', { device: disk.name, method, error: messageOf(error) });
    }
  }
  throw errors.EraseFailed(disk.name, passedOver.map(({ method, why }) => `${method}: ${why}`).join('; '));
}

/** Ways for a disk, best first. */
async function methodsFor(disk: FoundDisk, kind: EraseKind, node: Params | null, run: Run) {
  const internal = isObject(node?.['driver_internal_info']) ? node['driver_internal_info'] : {};
  const allowed = (name: string) => internal[name] !== false;
  const passedOver: { method: EraseMethod; why: string }[] = [];
  if (kind === 'metadata') return { methods: ['metadata'] as EraseMethod[], passedOver };
  const own: EraseMethod[] = [];
  if (disk.tran === 'nvme' && allowed('agent_enable_nvme_secure_erase'))
    own.push(...(await nvmeMethods(disk.name, run)));
  if (disk.tran === 'nvme' && own.length === 0) {
    passedOver.push({ method: 'nvme-format-user-data', why: 'the controller offers neither format nor sanitize' });
  }
  if (disk.tran === 'sata' && kind === 'all' && allowed('agent_enable_ata_secure_erase')) {
    const ata = await ataMethods(disk.name, run);
    own.push(...ata.methods);
    if (ata.why !== null) passedOver.push({ method: 'ata-secure-erase', why: ata.why });
  }
  if (kind === 'express') return { methods: own.length > 0 ? own : (['metadata'] as EraseMethod[]), passedOver };
  // A virtual disk has no flash that could keep what its host was told to zero.
  const virtual = disk.tran === 'virtio' ? (['discard-zero'] as const) : [];
  const last =
    own.length === 0 || internal['agent_continue_if_secure_erase_failed'] !== false ? (['overwrite'] as const) : [];
  return { methods: [...own, ...virtual, ...last] as EraseMethod[], passedOver };
}

async function apply(method: EraseMethod, disk: FoundDisk, run: Run, tell: (bytes: number) => void): Promise<number> {
  if (method.startsWith('nvme-')) {
    await nvmeErase(disk.name, method, run);
    return disk.size;
  }
  if (method.startsWith('ata-')) {
    await ataErase(disk.name, method, run);
    return disk.size;
  }
  const device = await run.machine.open(disk.name, 'write');
  try {
    if (method === 'metadata') return await eraseMetadata(device, disk.logical_sectors ?? 512);
    if (method === 'overwrite') await overwrite(device, run, tell);
    else if (!(await zeroByDevice(device, run, tell))) throw errors.EraseFailed(disk.name, 'it has no such command');
    return disk.size;
  } finally {
    await device.close();
  }
}
