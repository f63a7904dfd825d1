import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { IngotError } from '#kernel/errors';
import { run } from '#kernel/run';
import { buildTools, efiPartition, TOOL_PACKAGES } from './boot-tree.ts';
import type { BuildContext, ImageKind } from './contract.ts';
import { debianFiles } from './debian-files.ts';
import { writeDisk } from './disk.ts';
import { errors } from './errors.ts';
import { guidOf } from './gpt.ts';
import { madeAt, type Packages, unpack } from './packages.ts';
import { inMemory } from './work-folder.ts';

const MIB = 1024 * 1024;
/** For a second, larger kernel: upgrades write the new one before the old one goes. */
const SPARE_BYTES = 64 * MIB;
const SUITE = 'bookworm';
const LABEL = 'ingot-root';
const OPTIONS = `root=LABEL=${LABEL} ro console=tty0 console=ttyS0,115200n8 net.ifnames=0 loglevel=4`;

/** Kernel and initramfs-tools each ask for the initramfs, while half of the system is not there: it is made at the end. */
const LATER = [
  'chroot "$1" dpkg-divert --quiet --local --rename --divert /usr/sbin/update-initramfs.later --add /usr/sbin/update-initramfs',
  'ln -s /bin/true "$1/usr/sbin/update-initramfs"',
].join(' && ');

type DebianKind = Exclude<ImageKind, 'tiny'>;

/** What both Debian images have beside the essential packages. */
const BASE = [
  ...['systemd-sysv', 'udev', 'dbus', 'systemd-resolved', 'openssh-server', 'iproute2', 'iputils-ping', 'kmod', 'sudo'],
  ...['ca-certificates', 'e2fsprogs', 'fdisk', 'initramfs-tools', 'zstd', 'netbase', 'less', 'procps', 'vim-tiny'],
];
const OF_KIND: Readonly<Record<DebianKind, readonly string[]>> = {
  debian: ['cloud-init', 'cloud-guest-utils'],
  'debian-lean': ['jq'],
};

/** Modules that no server needs: sound, television, wireless, and graphics beyond what BMCs show. */
const LEFT_OUT = [
  ...['sound', 'drivers/media', 'drivers/net/wireless', 'drivers/staging', 'drivers/iio', 'drivers/bluetooth'],
  ...['net/bluetooth', 'net/wireless', 'drivers/gpu/drm/amd', 'drivers/gpu/drm/i915', 'drivers/gpu/drm/nouveau'],
  ...['drivers/gpu/drm/radeon', 'drivers/comedi', 'drivers/isdn', 'drivers/input/touchscreen', 'drivers/hwmon'],
];

/** All packages named by the recipe; what they depend on comes with them. */
export async function debianPackages(
  packages: Packages,
  kind: DebianKind,
  kernel: 'generic' | 'cloud',
  include: readonly string[],
): Promise<string[]> {
  const meta = kernel === 'generic' ? 'linux-image-amd64' : 'linux-image-cloud-amd64';
  const image = await packages.behind(meta, /^linux-image-\d/);
  return [...new Set([...TOOL_PACKAGES, 'mmdebstrap', ...BASE, ...OF_KIND[kind], image, meta, ...include])];
}

/**
 * A Debian image: built by mmdebstrap in a user namespace, its file system made there, GRUB beside it. `debian` has
 * cloud-init; `debian-lean` reads the config drive with a script of ours and starts in half the time.
 */
export async function buildDebian(context: BuildContext, kind: DebianKind): Promise<void> {
  const { packages, work, say } = context;
  await needUserNamespaces();
  const meta = context.kernel === 'generic' ? 'linux-image-amd64' : 'linux-image-cloud-amd64';
  const dated = await packages.fetch([...TOOL_PACKAGES, 'mmdebstrap']);
  const epochS = context.epochS ?? (await madeAt(dated));
  say('unpacking the tools');
  const tools = await buildTools(packages, join(work, 'tools'), epochS);
  await unpack((await packages.fetch(['mmdebstrap']))[0] ?? raise(), tools.root);

  const overlay = join(work, 'overlay');
  for (const [path, { text, program }] of await debianFiles(context, kind, { label: LABEL, options: OPTIONS })) {
    await mkdir(dirname(join(overlay, path)), { recursive: true });
    await writeFile(join(overlay, path), text, { mode: program === true ? 0o755 : 0o644 });
  }
  const hook = join(work, 'root.sh');
  await writeFile(hook, await context.guestFiles('debian-root.sh'));
  // The namespace's root is another user outside: it writes into a folder that everybody may write to.
  const out = join(work, 'out');
  await mkdir(out);
  await chmod(out, 0o777);
  await chmod(work, 0o711);
  const temporary = inMemory(work) ? join(work, 'tmp') : '/tmp';
  if (inMemory(work)) await mkdir(temporary);
  if (inMemory(work)) await chmod(temporary, 0o777);

  say('installing Debian');
  const uuid = guidOf(`debian/${kind}/${epochS}`);
  const without = [
    ...['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*', '/usr/share/info/*', '/usr/share/lintian/*'],
    ...LEFT_OUT.map((path) => `/lib/modules/*/kernel/${path}/*`),
  ];
  const args = [
    ...[
      '--mode=unshare',
      '--format=null',
      '--variant=minbase',
      '--quiet',
      `--include=${[...BASE, ...OF_KIND[kind], meta, ...context.include].join(',')}`,
    ],
    ...['--aptopt=APT::Install-Recommends "false"', '--dpkgopt=force-unsafe-io'],
    ...without.map((path) => `--dpkgopt=path-exclude=${path}`),
    ...['--dpkgopt=path-include=/usr/share/doc/*/copyright'],
    // Merged from the beginning: to merge it afterwards takes a whole Perl, which would stay.
    `--hook-dir=${join(tools.root, 'usr/share/mmdebstrap/hooks/merged-usr')}`,
    `--essential-hook=${LATER}`,
    ...['--customize-hook=sh "$INGOT_HOOK" "$1"', SUITE, '-'],
  ];
  const program = join(tools.root, 'usr/bin/mmdebstrap');
  await run('nice', ['-n', context.gently ? '10' : '0', program, ...args], {
    timeoutMs: 30 * 60_000,
    bound: true,
    maxOutput: 16 * MIB,
    cwd: work,
    env: {
      ...tools.env,
      HOME: work,
      TMPDIR: temporary,
      INGOT_HOOK: hook,
      INGOT_OVERLAY: overlay,
      INGOT_OUT: out,
      INGOT_LABEL: LABEL,
      INGOT_UUID: uuid,
    },
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });

  say('making the disk');
  const esp = join(work, 'esp.img');
  const boots = {
    title: 'Debian GNU/Linux',
    linux: join(out, 'vmlinuz'),
    initrd: join(out, 'initrd'),
    options: OPTIONS,
  };
  const bytes = await efiPartition(tools, esp, boots, { work, epochS, spareBytes: SPARE_BYTES });
  const root = join(out, 'root.img');
  await writeDisk(
    context.raw,
    [
      { number: 15, type: 'efi', name: 'efi', bytes, file: esp },
      { number: 1, type: 'root', name: 'root', bytes: (await stat(root)).size, file: root },
    ],
    tools.bootCode,
    `debian/${kind}/${epochS}`,
  );
}

/** Without root, user namespaces with many users need newuidmap, which is setuid and so cannot come from a cache. */
async function needUserNamespaces(): Promise<void> {
  if (process.getuid?.() === 0) return;
  try {
    await run('newuidmap', [], { timeoutMs: 5000, okCodes: [0, 1, 2] });
  } catch (error) {
    if (!(error instanceof IngotError) || error.code !== 'ChildMissing') throw error;
    throw errors.BuildNeedsTool('newuidmap', 'apt-get install uidmap', { cause: error });
  }
}

function raise(): never {
  throw errors.BuildBroken('mmdebstrap is not in the cache');
}
