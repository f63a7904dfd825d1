import { chmod, cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/kernel/run.ts';

/**
 * Debian's kernel with a start-up program of a few kilobytes: boots in seconds under emulation. The archive is not
 * compressed: to read 2 MB more is quicker there than to unpack them.
 */
export interface TinyGuest {
  kernel: string;
  initrd: string;
  commandLine: string;
}

const CACHE = join(tmpdir(), 'ingot-lab-guest-4');
/** In the order they need each other. */
const MODULES = [
  'button.ko',
  'evdev.ko',
  'failover.ko',
  'net_failover.ko',
  'virtio_ring.ko',
  'virtio.ko',
  'virtio_pci_modern_dev.ko',
  'virtio_pci_legacy_dev.ko',
  'virtio_pci.ko',
  'virtio_net.ko',
  'af_packet.ko',
  'tls.ko',
  'bonding.ko',
  'llc.ko',
  'stp.ko',
  'garp.ko',
  'mrp.ko',
  '8021q.ko',
];

/**
 * What the guest does: says that it is ready and what it was told on its command line, powers off when the
 * button is pressed, panics on an NMI, and obeys a shell on its serial line. With `talk` among its words it calls out
 * on all its cards, once a second, whatever they are plugged into.
 */
export const TINY_INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t devtmpfs d /dev; mount -t proc p /proc; mount -t sysfs s /sys
for m in /mod/*.ko; do insmod $m; done
echo 1 > /proc/sys/kernel/unknown_nmi_panic
echo 3 > /proc/sys/kernel/panic
for e in /dev/input/event*; do ( head -c 24 $e >/dev/null; echo POWER-BUTTON-SEEN; poweroff -f ) & done
firmware=bios; [ -d /sys/firmware/efi ] && firmware=uefi
secure=off
for v in /sys/firmware/efi/efivars/SecureBoot-*; do [ -e "$v" ] && [ "$(tail -c 1 $v | od -An -tu1 | tr -d ' ')" = 1 ] && secure=on; done
if grep -q -w talk /proc/cmdline; then
  for n in /sys/class/net/eth*; do
    ip link set \${n##*/} up
    ( while :; do arping -D -q -c 1 -w 1 -I \${n##*/} 169.254.9.9 2>/dev/null || sleep 1; done ) &
  done
fi
for i in 1 2 3 4 5 6 7 8 9 10; do [ "$(ls /proc/*/exe 2>/dev/null | wc -l)" -gt 3 ] && break; done
sleep 0.3
echo "GUEST-READY firmware=$firmware disks=$(ls /sys/block | grep -c -E 'nvme|sd|vd') from=$(sed -n 's/.*from=\\([a-z0-9-]*\\).*/\\1/p' /proc/cmdline)"
while true; do sh </dev/ttyS0 >/dev/ttyS0 2>&1; done
`;

/** Makes the guest, or finds it made. Takes the kernel that is installed, or has apt fetch Debian's. */
export async function tinyGuest(from: string): Promise<TinyGuest> {
  const done: string[] = await readdir(CACHE).catch(() => []);
  if (!done.includes('initrd')) await make();
  return {
    kernel: `${CACHE}/vmlinuz`,
    initrd: `${CACHE}/initrd`,
    // on a busy host the timer of an emulated processor is late, and the kernel takes it for broken
    commandLine: `console=ttyS0 quiet loglevel=4 no_timer_check from=${from}`,
  };
}

async function make(): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'ilg-'));
  const root = join(work, 'root');
  for (const dir of ['bin', 'dev', 'proc', 'sys', 'mod']) await mkdir(join(root, dir), { recursive: true });
  await run('apt-get', ['download', await kernelPackage()], { timeoutMs: 120_000, cwd: work });
  const deb = (await readdir(work)).find((f) => f.endsWith('.deb'));
  await run('dpkg-deb', ['-x', join(work, deb ?? ''), join(work, 'deb')], { timeoutMs: 60_000 });
  const boot = await readdir(join(work, 'deb', 'boot'));
  await cp(join(work, 'deb', 'boot', boot.find((f) => f.startsWith('vmlinuz')) ?? ''), join(work, 'vmlinuz'));
  const { stdout } = await run('find', [join(work, 'deb'), '-name', '*.ko'], { timeoutMs: 10_000 });
  for (const file of stdout.trim().split('\n')) {
    const name = file.split('/').at(-1) ?? '';
    // numbered, so that insmod goes through them in this order
    const at = MODULES.indexOf(name);
    if (at >= 0) await cp(file, join(root, 'mod', `${String(at).padStart(2, '0')}-${name}`));
  }
  await cp('/bin/busybox', join(root, 'bin', 'busybox'));
  await writeFile(join(root, 'init'), TINY_INIT);
  await chmod(join(root, 'init'), 0o755);
  const list = (await run('find', ['.'], { cwd: root, timeoutMs: 10_000 })).stdout;
  await run('cpio', ['-o', '-H', 'newc', '-R', '0:0', '--quiet', '-F', join(work, 'initrd')], {
    cwd: root,
    input: list,
    timeoutMs: 30_000,
  });
  await mkdir(CACHE, { recursive: true });
  await rename(join(work, 'vmlinuz'), `${CACHE}/vmlinuz`);
  await rename(join(work, 'initrd'), `${CACHE}/initrd`);
  await rm(work, { recursive: true, force: true });
}

/** The newest cloud kernel: small, and with what a virtual machine needs. */
async function kernelPackage(): Promise<string> {
  const { stdout } = await run('apt-cache', ['depends', 'linux-image-cloud-amd64'], { timeoutMs: 30_000 });
  const found = /Depends: (linux-image-\S+)/.exec(stdout);
  if (found?.[1] === undefined) throw new Error('apt knows no linux-image-cloud-amd64; run apt-get update');
  return found[1];
}

/** An ISO that boots the guest in BIOS (isolinux) mode, for virtual media. */
export async function bootIso(file: string): Promise<void> {
  const guest = await tinyGuest('iso');
  const tree = await mkdtemp(join(tmpdir(), 'ili-'));
  await cp(guest.kernel, join(tree, 'vmlinuz'));
  await cp(guest.initrd, join(tree, 'initrd'));
  await cp('/usr/lib/ISOLINUX/isolinux.bin', join(tree, 'isolinux.bin'));
  await cp('/usr/lib/syslinux/modules/bios/ldlinux.c32', join(tree, 'ldlinux.c32'));
  await writeFile(
    join(tree, 'isolinux.cfg'),
    `SERIAL 0 115200\nDEFAULT g\nPROMPT 0\nLABEL g\n  KERNEL vmlinuz\n  INITRD initrd\n  APPEND ${guest.commandLine}\n`,
  );
  const boot = ['-b', 'isolinux.bin', '-c', 'boot.cat', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table'];
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-V', 'LABISO', ...boot, '-o', file, tree], { timeoutMs: 60_000 });
  await rm(tree, { recursive: true, force: true });
}

/** An ISO that starts an unsigned EFI program (Debian's systemd-boot) in UEFI mode. */
export async function loaderIso(file: string): Promise<void> {
  const tree = await mkdtemp(join(tmpdir(), 'ill-'));
  const part = join(tree, 'efi.img');
  await run('mformat', ['-C', '-f', '2880', '-i', part, '::'], { timeoutMs: 10_000 });
  await run('mmd', ['-i', part, '::EFI', '::EFI/BOOT'], { timeoutMs: 10_000 });
  const loader = '/usr/lib/systemd/boot/efi/systemd-bootx64.efi';
  await run('mcopy', ['-i', part, loader, '::EFI/BOOT/BOOTX64.EFI'], { timeoutMs: 10_000 });
  const boot = ['-e', 'efi.img', '-no-emul-boot'];
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-V', 'LABEFI', ...boot, '-o', file, tree], { timeoutMs: 60_000 });
  await rm(tree, { recursive: true, force: true });
}
