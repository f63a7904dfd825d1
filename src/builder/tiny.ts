import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { run } from '#kernel/run';
import type { BuildContext } from './contract.ts';
import { buildTools, efiPartition, STUB_PACKAGE, TOOL_PACKAGES } from './boot-tree.ts';
import { cpio, type CpioEntry, file, folder, link } from './cpio.ts';
import { writeDisk } from './disk.ts';
import { guidOf } from './gpt.ts';
import { KernelModules } from './modules.ts';
import { type Deb, madeAt, type Packages, unpack } from './packages.ts';

const MIB = 1024 * 1024;
const ROOT_BYTES = 8 * MIB;

/** Disks, NICs, file systems and buttons of emulated machines and of many real ones. */
const MODULES = [
  ...['button', 'evdev', 'virtio_pci', 'virtio_blk', 'virtio_net', 'virtio_scsi', 'virtio_rng', 'nvme', 'ahci'],
  ...['sd_mod', 'sr_mod', 'e1000', 'e1000e', 'igb', 'vmxnet3', 'ext4', 'crc32c_generic', 'vfat', 'nls_cp437'],
  ...['nls_ascii', 'nls_iso8859_1', 'nls_utf8', 'isofs', 'af_packet', '8021q', 'bonding'],
];
const MODULE_TREES = [
  ...['kernel/crypto', 'kernel/lib', 'kernel/arch', 'kernel/block', 'kernel/drivers/virtio', 'kernel/drivers/block'],
  ...['kernel/drivers/nvme', 'kernel/drivers/ata', 'kernel/drivers/scsi', 'kernel/drivers/acpi'],
  ...['kernel/drivers/input/evdev.ko', 'kernel/drivers/net/bonding', 'kernel/drivers/net/ethernet/intel'],
  ...['kernel/drivers/net/vmxnet3', 'kernel/drivers/net/virtio_net.ko', 'kernel/drivers/net/net_failover.ko'],
  ...['kernel/drivers/char/hw_random', 'kernel/drivers/cdrom', 'kernel/drivers/ptp', 'kernel/drivers/pps'],
  ...[
    'kernel/drivers/i2c',
    'kernel/drivers/dca',
    'kernel/fs/fat',
    'kernel/fs/nls',
    'kernel/fs/isofs',
    'kernel/fs/ext4',
  ],
  ...[
    'kernel/fs/jbd2',
    'kernel/fs/mbcache.ko',
    'kernel/net/packet',
    'kernel/net/8021q',
    'kernel/net/802',
    'kernel/net/llc',
  ],
  ...['kernel/net/core', 'kernel/net/tls'],
];

/** Programs that busybox lacks, and the libraries they need. */
const PROGRAMS: readonly { deb: string; members: readonly string[] }[] = [
  { deb: 'busybox-static', members: ['bin/busybox'] },
  { deb: 'jq', members: ['usr/bin/jq'] },
  { deb: 'dropbear-bin', members: ['usr/sbin/dropbear'] },
  {
    deb: 'libc6',
    members: [
      'lib/x86_64-linux-gnu/libc.so.6',
      'lib/x86_64-linux-gnu/libm.so.6',
      'lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
    ],
  },
  ...['libjq1', 'libonig5', 'libtomcrypt1', 'libtommath1', 'libcrypt1', 'libgmp10', 'zlib1g'].map((deb) => ({
    deb,
    members: [`*lib/x86_64-linux-gnu/lib*.so.*`],
  })),
];

/** All packages it is made of. */
export async function tinyPackages(packages: Packages, signed: boolean): Promise<string[]> {
  const kernel = await packages.behind('linux-image-amd64', /^linux-image-\d/);
  return [...new Set([...TOOL_PACKAGES, ...stub(signed), kernel, ...PROGRAMS.map(({ deb }) => deb)])];
}

const stub = (signed: boolean) => (signed ? [STUB_PACKAGE] : []);

/** The tiny image: kernel, an initramfs that is the whole system, 8 MB of disk that last. */
export async function buildTiny(context: BuildContext): Promise<void> {
  const { packages, work, say, signBy } = context;
  const signed = signBy !== undefined;
  const kernel = await packages.behind('linux-image-amd64', /^linux-image-\d/);
  const debs = await packages.fetch(await tinyPackages(packages, signed));
  const epochS = context.epochS ?? (await madeAt(debs));
  say('unpacking');
  const tools = await buildTools(packages, join(work, 'tools'), epochS, stub(signed));
  const deb = (name: string) => debs.find((one) => one.name === name) as Deb;
  const kernelRoot = join(work, 'kernel');
  await unpack(deb(kernel), kernelRoot, ['boot/vmlinuz-*', ...MODULE_TREES.map((tree) => `lib/modules/*/${tree}*`)]);
  const version = kernel.replace('linux-image-', '');
  const modules = await (await KernelModules.below(join(kernelRoot, 'lib/modules'))).inOrder(MODULES);

  say('packing the system');
  const entries = [
    ...(await programs(debs, join(work, 'programs'))),
    ...modules.map(({ name, data }) => file(`modules/${name}.ko`, data)),
  ];
  entries.push(
    file('modules/order', `${modules.map(({ name }) => `${name}.ko`).join('\n')}\n`),
    ...(await own(context)),
  );
  const level = { params: { [constants.ZSTD_c_compressionLevel]: 12 } };
  const initrd = join(work, 'initrd');
  await writeFile(initrd, await promisify(zstdCompress)(cpio(entries, epochS), level));

  say('making the disk');
  // The timer is not tested: on a busy host the test fails in emulated machines, and the kernel panics.
  const options = 'console=tty0 console=ttyS0,115200n8 quiet loglevel=4 net.ifnames=0 panic=0 no_timer_check';
  const linux = join(kernelRoot, 'boot', `vmlinuz-${version}`);
  const esp = join(work, 'esp.img');
  const boots = { title: 'Ingot tiny', linux, initrd, options };
  const bytes = await efiPartition(tools, esp, boots, { work, epochS, spareBytes: 0, ...(signed && { signBy }) });
  const root = join(work, 'root.img');
  const uuid = guidOf(`tiny/${epochS}`);
  const shape = [
    '-q',
    '-F',
    '-t',
    'ext4',
    '-L',
    'ingot-root',
    '-U',
    uuid,
    '-E',
    `hash_seed=${uuid},root_owner=0:0,lazy_itable_init=0`,
  ];
  await run('mke2fs', [...shape, root, `${ROOT_BYTES / 1024}k`], { timeoutMs: 60_000, env: tools.env });
  await writeDisk(
    context.raw,
    [
      { number: 15, type: 'efi', name: 'efi', bytes, file: esp },
      { number: 1, type: 'root', name: 'root', bytes: ROOT_BYTES, file: root },
    ],
    tools.bootCode,
    `tiny/${epochS}`,
  );
}

async function programs(debs: readonly Deb[], into: string): Promise<CpioEntry[]> {
  const entries: CpioEntry[] = [];
  for (const { deb: name, members } of PROGRAMS) {
    const deb = debs.find((one) => one.name === name) as Deb;
    await unpack(deb, join(into, name), members);
  }
  for (const found of await readdir(into, { recursive: true, withFileTypes: true })) {
    const path = join(found.parentPath, found.name);
    const place = found.name.includes('.so')
      ? `lib/x86_64-linux-gnu/${found.name}`
      : found.name === 'busybox'
        ? 'bin/busybox'
        : `usr/bin/${found.name}`;
    // Links of libraries become copies of nothing: the name that programs ask for is the file's own soname.
    if (found.isSymbolicLink()) {
      entries.push(link(place, (await readlink(path)).split('/').at(-1) ?? ''));
    } else if (found.isFile()) entries.push(file(place, await readFile(path), 0o755));
  }
  return entries;
}

/** Ingot's own files in the system. */
async function own({ password, guestFiles }: BuildContext): Promise<CpioEntry[]> {
  return [
    file('init', await guestFiles('tiny-init.sh'), 0o755),
    file('etc/network.jq', await guestFiles('network.jq')),
    file('etc/udhcpc.sh', await guestFiles('udhcpc.sh'), 0o755),
    file('etc/ingot-password', password ?? 'ingot', 0o600),
    file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'),
    file('etc/group', 'root:x:0:\n'),
    file('etc/shadow', 'root:*:19000:0:99999:7:::\n', 0o600),
    file('etc/shells', '/bin/sh\n'),
    file('etc/issue', 'Ingot tiny \\n \\l\n\n'),
    file('etc/profile', "export PATH=/bin:/usr/bin PS1='\\h:\\w# '\n"),
    link('lib64', 'lib/x86_64-linux-gnu'),
    ...['dev', 'proc', 'sys', 'run', 'tmp', 'mnt', 'root', 'usr/sbin', 'sbin', 'var/log'].map((path) => folder(path)),
  ];
}
