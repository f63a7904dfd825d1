import { join } from 'node:path';
import type { Run } from '../commands/command.ts';
import { partitionPath, partitionsOf, readTable } from '../disks/tables.ts';
import { errors } from '../errors.ts';
import { uuidOf } from '../images/partition-image.ts';
import type { FoundDisk } from '../inventory/disks.ts';
import { isUefi } from '../inventory/inventory.ts';
import { findLoaders, setUefiEntry } from './uefi-entry.ts';

export interface BootWish {
  rootUuid: string | null;
  espUuid: string | null;
  mode: 'uefi' | 'bios' | null;
}

/** What Debian, Ubuntu and Fedora keep signed loaders as, by architecture: shim, then GRUB. */
const SIGNED: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {
  x86_64: [
    ['usr/lib/shim/shimx64.efi.signed', 'BOOTX64.EFI'],
    ['usr/lib/shim/shimx64.efi', 'BOOTX64.EFI'],
    ['usr/share/shim/15.8-3/x64/shimx64.efi', 'BOOTX64.EFI'],
    ['usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed', 'grubx64.efi'],
  ],
  aarch64: [
    ['usr/lib/shim/shimaa64.efi.signed', 'BOOTAA64.EFI'],
    ['usr/lib/grub/arm64-efi-signed/grubaa64.efi.signed', 'grubaa64.efi'],
  ],
};

/**
 * Makes the machine start from its disk. Whole-disk images bring their loader, so the firmware is only told; for a
 * partition image the loader is copied to the ESP, or the ramdisk's own GRUB written. Nothing of the image is ever
 * run. Throws `BootloaderFailed`.
 */
export async function installBootloader(wish: BootWish, disk: FoundDisk, run: Run): Promise<void> {
  const uefi = await isUefi(run.machine);
  if (wish.mode === 'uefi' && !uefi) {
    // The ramdisk was started in another mode than the system will be: nothing can be told to the firmware.
    run.log.warn('started by BIOS, but the system is to start by UEFI: no boot entry is made');
  }
  const partitionImage = wish.rootUuid !== null && wish.rootUuid !== '' && wish.rootUuid !== 'None';
  if (uefi && wish.mode !== 'bios') {
    if (partitionImage && wish.espUuid !== null) await copyLoader(wish.rootUuid ?? '', wish.espUuid, disk, run);
    await setUefiEntry(run, disk);
    return;
  }
  if (partitionImage && wish.mode !== 'uefi') await writeBiosGrub(wish.rootUuid ?? '', disk, run);
}

async function partitionWith(uuid: string, disk: FoundDisk, run: Run): Promise<string> {
  const device = await run.machine.open(disk.name, 'read');
  const table = await readTable(device, disk.logical_sectors ?? 512).finally(() => device.close());
  for (const part of partitionsOf(table)) {
    const path = partitionPath(disk.name, part.number);
    const is = await uuidOf(run, path);
    if (is?.toLowerCase() === uuid.toLowerCase()) return path;
  }
  throw errors.BootloaderFailed(`${disk.name} has no partition with the UUID ${uuid}`);
}

async function copyLoader(rootUuid: string, espUuid: string, disk: FoundDisk, run: Run): Promise<void> {
  const { machine } = run;
  const arch = (await machine.text('/proc/sys/kernel/arch')) ?? 'x86_64';
  const root = await machine.mount(await partitionWith(rootUuid, disk, run), { readOnly: true });
  try {
    const esp = await machine.mount(await partitionWith(espUuid, disk, run), { readOnly: false, fs: 'vfat' });
    try {
      if ((await findLoaders(machine, esp.path, arch)).length > 0) return;
      const folder = join(esp.path, 'EFI', 'BOOT');
      let copied = 0;
      for (const [from, to] of SIGNED[arch] ?? []) {
        const at = await inside(run, root.path, from);
        const bytes = at === null ? null : await machine.bytes(at, 16 * 1024 * 1024);
        if (bytes === null) continue;
        await machine.put(join(folder, to), bytes);
        copied++;
      }
      if (copied < 2) throw errors.BootloaderFailed('the image has no signed shim and GRUB to copy to the ESP');
      const prefix = (await machine.names(join(root.path, 'boot'))).includes('grub2') ? 'grub2' : 'grub';
      // Signed GRUBs look beside their vendor's name, or where they are.
      const lines = ['search.fs_uuid', rootUuid, 'root'].join(' ');
      const script = `${lines}\nset prefix=($root)'/boot/${prefix}'\nconfigfile $prefix/grub.cfg\n`;
      for (const vendor of ['BOOT', 'debian', 'ubuntu', 'fedora']) {
        await machine.put(join(esp.path, 'EFI', vendor, 'grub.cfg'), script);
      }
    } finally {
      await esp.unmount();
    }
  } finally {
    await root.unmount();
  }
}

/** A path in a mounted image, links followed; null when it is not there, or leads out of it. */
async function inside(run: Run, root: string, path: string): Promise<string | null> {
  const real = await run.machine.resolve(join(root, path));
  return real?.startsWith(`${root}/`) === true ? real : null;
}

async function writeBiosGrub(rootUuid: string, disk: FoundDisk, run: Run): Promise<void> {
  const { machine } = run;
  const root = await machine.mount(await partitionWith(rootUuid, disk, run), { readOnly: false });
  try {
    const boot = await inside(run, root.path, 'boot');
    if (boot === null) throw errors.BootloaderFailed('the image has no /boot');
    // The ramdisk's GRUB, never the image's: it would run as root what a tenant wrote.
    await machine.run('grub-install', ['--target=i386-pc', `--boot-directory=${boot}`, disk.name], {
      timeoutMs: 180_000,
    });
  } finally {
    await root.unmount();
  }
}
