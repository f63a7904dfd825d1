import { join } from 'node:path';
import type { Run } from '../commands/command.ts';
import { partitionPath, readTable, systemPartition } from '../disks/tables.ts';
import { errors } from '../errors.ts';
import type { FoundDisk } from '../inventory/disks.ts';
import type { Machine } from '../machine/contract.ts';
import { knownLoaders, parseBootCsv, parseEfibootmgr } from './efi-entries.ts';

/** A loader on an EFI system partition: path below it with slashes, and what to call it. */
export interface Loader {
  path: string;
  label: string;
}

const FALLBACK_LABEL = 'Linux';

/**
 * Looks for what starts the system on a mounted ESP: the lists that shim's installers leave, then loaders by their
 * known names, the removable-media path last.
 */
export async function findLoaders(machine: Machine, mounted: string, arch: string): Promise<Loader[]> {
  const efi = (await machine.names(mounted)).find((name) => name.toLowerCase() === 'efi');
  if (efi === undefined) return [];
  const folders = await machine.names(join(mounted, efi));
  const listed: Loader[] = [];
  const known: Loader[] = [];
  for (const folder of folders) {
    const files = await machine.names(join(mounted, efi, folder));
    const file = (name: string) => files.find((other) => other.toLowerCase() === name.toLowerCase());
    const removable = folder.toLowerCase() === 'boot';
    for (const csv of files.filter((name) => /^boot.*\.csv$/i.test(name))) {
      const bytes = await machine.bytes(join(mounted, efi, folder, csv), 64 * 1024);
      const entry = bytes === null ? null : parseBootCsv(bytes);
      const loader = entry === null ? undefined : file(entry.loader);
      if (entry !== null && loader !== undefined)
        listed.push({ path: `/${efi}/${folder}/${loader}`, label: entry.label });
    }
    for (const name of knownLoaders(arch)) {
      const loader = file(name);
      if (loader === undefined) continue;
      known[removable ? 'push' : 'unshift']({
        path: `/${efi}/${folder}/${loader}`,
        label: removable ? FALLBACK_LABEL : folder,
      });
      break;
    }
  }
  return [...listed, ...known];
}

/**
 * Makes the firmware start the system on a disk: an entry for its loader, first in the order; entries of the same
 * name, left by an earlier life, go. Runs nothing of the image. Throws `BootloaderFailed`.
 */
export async function setUefiEntry(run: Run, disk: FoundDisk): Promise<Loader> {
  const { machine, log } = run;
  const device = await machine.open(disk.name, 'read');
  const esp = await readTable(device, disk.logical_sectors ?? 512)
    .then(systemPartition)
    .finally(() => device.close());
  if (esp === undefined) throw errors.BootloaderFailed(`${disk.name} has no EFI system partition`);
  const arch = (await machine.text('/proc/sys/kernel/arch')) ?? 'x86_64';
  const mounted = await machine.mount(partitionPath(disk.name, esp.number), { readOnly: true, fs: 'vfat' });
  const loaders = await findLoaders(machine, mounted.path, arch).finally(() => mounted.unmount());
  const loader = loaders[0];
  if (loader === undefined)
    throw errors.BootloaderFailed(`the EFI system partition of ${disk.name} has no boot loader`);
  const before = parseEfibootmgr((await machine.run('efibootmgr', ['-v'])).stdout);
  for (const old of before.entries.filter((entry) => entry.label === loader.label)) {
    await machine.run('efibootmgr', ['-b', old.id, '-B']);
  }
  const path = loader.path.replaceAll('/', '\\');
  const args = ['-c', '-d', disk.name, '-p', String(esp.number), '-w', '-L', loader.label, '-l', path];
  const after = parseEfibootmgr((await machine.run('efibootmgr', args)).stdout);
  log.info('the firmware will start the disk', { loader: loader.path, label: loader.label, order: after.order });
  return loader;
}
