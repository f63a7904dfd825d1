import {
  appendFile,
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../src/kernel/run.ts';
import { TINY_INIT, type TinyGuest, tinyGuest } from './guest.ts';

const CACHE = join(tmpdir(), 'ingot-lab-crash-guest-3');

/** Arms the crash kernel, then is the tiny guest. In the crash kernel: writes the memory to the disk and powers off. */
const INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t devtmpfs d /dev; mount -t proc p /proc; mount -t sysfs s /sys
if [ -e /proc/vmcore ]; then
  echo CRASH-KERNEL-RUNS
  for i in 1 2 3 4 5 6 7 8 9 10; do [ -b /dev/nvme0n1 ] && break; sleep 0.3; done
  dd if=/proc/vmcore of=/dev/nvme0n1 bs=1M && sync && echo DUMP-ON-DISK
  poweroff -f
fi
/sbin/kexec -p /boot/vmlinuz --initrd=/boot/initrd --append="console=ttyS0 quiet loglevel=4 irqpoll nr_cpus=1 reset_devices from=crash" && echo CRASH-KERNEL-ARMED
umount /sys /proc /dev
exec /bin/busybox sh /init.tiny
`;

/** The tiny guest with a crash kernel: memory for it is set aside, and a panic leaves a dump on the first NVMe disk. */
export async function crashGuest(): Promise<TinyGuest> {
  const tiny = await tinyGuest('disk');
  const done: string[] = await readdir(CACHE).catch(() => []);
  if (!done.includes('initrd')) await make(tiny);
  return { ...tiny, initrd: `${CACHE}/initrd`, commandLine: `${tiny.commandLine} crashkernel=128M` };
}

/** Archives that follow one another in an initrd overlay each other. */
async function make(tiny: TinyGuest): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'ilc-'));
  const inner = join(work, 'inner');
  await mkdir(inner, { recursive: true });
  await writeInit(inner);
  await copyFile(tiny.initrd, join(work, 'crash.cpio'));
  await append(join(work, 'crash.cpio'), inner);
  const root = join(work, 'root');
  for (const dir of ['boot', 'sbin']) await mkdir(join(root, dir), { recursive: true });
  await writeInit(root);
  await writeFile(join(root, 'init.tiny'), TINY_INIT);
  await cp(tiny.kernel, join(root, 'boot', 'vmlinuz'));
  await cp(join(work, 'crash.cpio'), join(root, 'boot', 'initrd'));
  await cp('/sbin/kexec', join(root, 'sbin', 'kexec'), { dereference: true });
  const { stdout } = await run('ldd', ['/sbin/kexec'], { timeoutMs: 10_000 });
  for (const [, path = ''] of stdout.matchAll(/(\/\S+\.so\S*)/g)) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await cp(path, join(root, path), { dereference: true });
  }
  await copyFile(tiny.initrd, join(work, 'initrd'));
  await append(join(work, 'initrd'), root);
  await mkdir(CACHE, { recursive: true });
  await rename(join(work, 'initrd'), `${CACHE}/initrd`);
  await rm(work, { recursive: true, force: true });
}

async function writeInit(root: string): Promise<void> {
  await writeFile(join(root, 'init'), INIT);
  await chmod(join(root, 'init'), 0o755);
}

async function append(initrd: string, root: string): Promise<void> {
  const list = (await run('find', ['.'], { cwd: root, timeoutMs: 10_000 })).stdout;
  const archive = `${root}.cpio`;
  const packing = ['-o', '-H', 'newc', '-R', '0:0', '--quiet', '-F', archive];
  await run('cpio', packing, { cwd: root, input: list, timeoutMs: 30_000 });
  await appendFile(initrd, await readFile(archive));
}
