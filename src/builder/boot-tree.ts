import { copyFile, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificate } from '#kernel/certificate';
import { run } from '#kernel/run';
import { signProgram } from './authenticode.ts';
import { type Packages, unpack } from './packages.ts';
import { withSections } from './pe.ts';

const MINUTE = 60_000;
const MIB = 1024 * 1024;
/** Where the EFI partition begins: its boot sector must know. */
export const EFI_FIRST_BYTE = MIB;

/** Programs and boot loaders taken from Debian packages and run from where they were unpacked: nothing is installed. */
export interface BuildTools {
  root: string;
  /** The 440 bytes that a BIOS starts. */
  bootCode: Buffer;
  env: Record<string, string>;
}

export const TOOL_PACKAGES = [
  'grub-efi-amd64-signed',
  'shim-signed',
  'syslinux',
  'syslinux-common',
  'mtools',
  'dosfstools',
];

/** What a program that is signed by a key of one's own is made of, beside the tools. */
export const STUB_PACKAGE = 'systemd-boot-efi';

/** Unpacks the tools below `into`. */
export async function buildTools(
  packages: Packages,
  into: string,
  epochS: number,
  further: readonly string[] = [],
): Promise<BuildTools> {
  for (const deb of await packages.fetch([...TOOL_PACKAGES, ...further])) await unpack(deb, into);
  return {
    root: into,
    bootCode: await readFile(join(into, 'usr/lib/syslinux/mbr/gptmbr.bin')),
    env: {
      PATH: `${join(into, 'usr/bin')}:${join(into, 'sbin')}:/usr/sbin:/usr/bin:/sbin:/bin`,
      LANG: 'C.UTF-8',
      SOURCE_DATE_EPOCH: String(epochS),
      E2FSPROGS_FAKE_TIME: String(epochS),
      MTOOLS_SKIP_CHECK: '1',
      TZ: 'UTC',
    },
  };
}

type Files = Record<string, { from: string } | { text: string } | { bytes: Buffer }>;

/** What is started, however the machine boots. */
export interface Boots {
  title: string;
  linux: string;
  initrd: string;
  options: string;
}

/**
 * Kernel, initrd and command line as one EFI program, a unified kernel image: firmware that checks it has checked the
 * whole system, where shim, GRUB and Debian's kernel leave initrd and command line to anybody.
 */
async function unifiedKernel(tools: BuildTools, boots: Boots): Promise<Buffer> {
  const stub = await readFile(join(tools.root, 'usr/lib/systemd/boot/efi/linuxx64.efi.stub'));
  return withSections(stub, [
    { name: '.osrel', data: Buffer.from(`ID=ingot\nNAME="Ingot"\nPRETTY_NAME="${boots.title}"\n`) },
    { name: '.cmdline', data: Buffer.from(boots.options) },
    { name: '.linux', data: await readFile(boots.linux) },
    { name: '.initrd', data: await readFile(boots.initrd) },
  ]);
}

/**
 * An EFI system partition from which BIOS and UEFI start the same kernel. UEFI: shim and Debian's signed GRUB (Secure
 * Boot works with Microsoft's keys), or with `signBy` one program that is signed by that key, which must then be
 * enrolled where Secure Boot is on. BIOS: SYSLINUX (GRUB's loader for BIOSes moves memory byte by byte, which takes an
 * emulated machine 40 s). Whoever starts it without either (kexec) finds a description of the entry. The same files give
 * the same bytes. Gives its size.
 */
export async function efiPartition(
  tools: BuildTools,
  target: string,
  boots: Boots,
  room: { work: string; epochS: number; spareBytes: number; signBy?: Certificate },
): Promise<number> {
  const { title, options } = boots;
  const signed = join(tools.root, 'usr/lib');
  const forUefi: Files =
    room.signBy === undefined
      ? {
          'EFI/BOOT/BOOTX64.EFI': { from: join(signed, 'shim/shimx64.efi.signed') },
          'EFI/BOOT/GRUBX64.EFI': { from: join(signed, 'grub/x86_64-efi-signed/grubx64.efi.signed') },
          'EFI/debian/grub.cfg': { text: `linux /vmlinuz ${options}\ninitrd /initrd\nboot\n` },
        }
      : { 'EFI/BOOT/BOOTX64.EFI': { bytes: signProgram(await unifiedKernel(tools, boots), room.signBy) } };
  const files: Files = {
    ...forUefi,
    'loader/entries/ingot.conf': {
      text: `title ${title}\nlinux /vmlinuz\ninitrd /initrd\noptions ${options}\n`,
    },
    'syslinux.cfg': {
      text: `SERIAL 0 115200\nDEFAULT ingot\nPROMPT 0\nLABEL ingot\n  KERNEL /vmlinuz\n  INITRD /initrd\n  APPEND ${options}\n`,
    },
    vmlinuz: { from: boots.linux },
    initrd: { from: boots.initrd },
  };
  const loader = join(room.work, 'loader-file');
  let bytes = 2 * MIB + room.spareBytes;
  for (const file of Object.values(files)) {
    bytes += 'from' in file ? (await readFile(file.from)).length : 'bytes' in file ? file.bytes.length : 4096;
  }
  bytes = Math.ceil(bytes / MIB) * MIB;
  const tool = (name: string, args: readonly string[]) => run(name, args, { timeoutMs: MINUTE, env: tools.env });
  await rm(target, { force: true });
  const shape = ['-C', '-F', '16', '-n', 'EFI', '-i', '1960c0de', '--invariant', '-h', String(EFI_FIRST_BYTE / 512)];
  await tool('mkfs.fat', [...shape, target, String(bytes / 1024)]);
  await tool('mmd', ['-i', target, ...foldersOf(Object.keys(files))]);
  for (const [path, file] of Object.entries(files)) {
    if ('from' in file) await copyFile(file.from, loader);
    else await writeFile(loader, 'bytes' in file ? file.bytes : file.text);
    await utimes(loader, room.epochS, room.epochS);
    await tool('mcopy', ['-m', '-i', target, loader, `::${path}`]);
  }
  await tool('syslinux', ['--install', target]);
  return bytes;
}

/** Folders to make for these paths, outer ones first, as mtools names them. */
function foldersOf(paths: readonly string[]): string[] {
  const folders = paths.flatMap((path) => {
    const steps = path.split('/').slice(0, -1);
    return steps.map((_, i) => `::${steps.slice(0, i + 1).join('/')}`);
  });
  return [...new Set(folders)].sort();
}
