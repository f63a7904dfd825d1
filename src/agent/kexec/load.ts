import { join } from 'node:path';
import type { KexecLoadParams, KexecLoadResult } from '#agent-api/kexec';
import { IngotError, messageOf } from '#kernel/errors';
import type { Run } from '../commands/command.ts';
import { isObject } from '../commands/parameters.ts';
import { partitionPath, partitionsOf, readTable } from '../disks/tables.ts';
import { hintsOf } from '../disks/hints.ts';
import { errors } from '../errors.ts';
import { targetDisk } from '../images/write-image.ts';
import { outputOf } from '../machine/contract.ts';
import { type BootEntry, newestBls, parseBls, parseGrubCfg, parseGrubenv, peSections } from './entries.ts';

const MOST_TEXT = 1024 * 1024;
const MOST_UKI = 256 * 1024 * 1024;
const GRUB = ['boot/grub', 'boot/grub2', 'grub', 'grub2'];
const BLS = ['loader/entries', 'boot/loader/entries'];
const SCRATCH = '/run/ingot-kexec';

interface Found {
  source: KexecLoadResult['source'];
  entry: BootEntry;
  kernel: string;
  initrd: string | null;
}

/**
 * Finds what the written system's own boot loader would start, and loads it. Throws `KexecImpossible` with the
 * reason; the conductor then restarts the machine instead.
 */
export async function kexecLoad(params: KexecLoadParams, run: Run): Promise<KexecLoadResult> {
  const { machine, log } = run;
  const lockdown = await machine.text('/sys/kernel/security/lockdown');
  const node = isObject(params.node) ? params.node : null;
  const disk = await targetDisk(run, params.device, hintsOf(node));
  const device = await machine.open(disk.name, 'read');
  const table = await readTable(device, disk.logical_sectors ?? 512).finally(() => device.close());
  const tried: string[] = [];
  for (const part of partitionsOf(table)) {
    const path = partitionPath(disk.name, part.number);
    let mounted;
    try {
      mounted = await machine.mount(path, { readOnly: true });
    } catch (error) {
      tried.push(`${path}: ${messageOf(error)}`);
      continue;
    }
    try {
      const found = await findKernel(mounted.path, run);
      if (found === null) {
        tried.push(`${path}: no boot entries`);
        continue;
      }
      const cmdline = [found.entry.options, params.append ?? ''].join(' ').trim();
      await load(found, cmdline, run);
      log.info('the kernel of the written system is loaded', { from: path, title: found.entry.title, cmdline });
      return {
        source: found.source,
        title: found.entry.title,
        kernel: found.entry.linux,
        initrd: found.entry.initrd,
        cmdline,
      };
    } catch (error) {
      if (!(error instanceof IngotError) || error.code !== 'KexecImpossible') throw error;
      if (lockdown !== null && !lockdown.includes('[none]')) {
        throw errors.KexecImpossible(`the kernel is locked down, and this one is not signed: ${error.message}`);
      }
      tried.push(`${path}: ${error.message}`);
    } finally {
      await machine.remove(SCRATCH);
      await mounted.unmount();
    }
  }
  throw errors.KexecImpossible(tried.length === 0 ? `${disk.name} has no partitions` : tried.join('; '));
}

/** Entries of one mounted file system, in the order of what says most clearly what is started. */
async function findKernel(root: string, run: Run): Promise<Found | null> {
  const { machine } = run;
  for (const folder of BLS) {
    const entries: BootEntry[] = [];
    for (const name of (await machine.names(join(root, folder))).filter((file) => file.endsWith('.conf'))) {
      const text = await textInside(root, join(folder, name), run);
      const entry = text === null ? null : parseBls(text, name);
      if (entry !== null) entries.push(entry);
    }
    const entry = newestBls(entries);
    // Fedora's entries speak of variables of GRUB.
    if (entry !== undefined) return await located('bls', await withVariables(entry, root, run), root, folder, run);
  }
  for (const folder of GRUB) {
    const text = await textInside(root, join(folder, 'grub.cfg'), run);
    const environment = parseGrubenv((await textInside(root, join(folder, 'grubenv'), run)) ?? '');
    const entry = text === null ? null : parseGrubCfg(text, environment);
    if (entry !== null) return await located('grub', entry, root, '', run);
  }
  return await unified(root, run);
}

async function withVariables(entry: BootEntry, root: string, run: Run): Promise<BootEntry> {
  if (!entry.options.includes('$')) return entry;
  for (const folder of GRUB) {
    const text = await textInside(root, join(folder, 'grubenv'), run);
    if (text === null) continue;
    const variables = parseGrubenv(text);
    return {
      ...entry,
      options: entry.options.replace(/\$\{?([A-Za-z0-9_]+)\}?/g, (_all, name) => variables.get(name as string) ?? ''),
    };
  }
  return entry;
}

async function located(
  source: Found['source'],
  entry: BootEntry,
  root: string,
  folder: string,
  run: Run,
): Promise<Found> {
  // Entries below /boot of a root file system may name files from there.
  const bases = folder.startsWith('boot/') ? ['boot', ''] : ['', 'boot'];
  for (const base of bases) {
    const kernel = await inside(root, join(base, entry.linux), run);
    if (kernel === null) continue;
    const initrd = entry.initrd === null ? null : await inside(root, join(base, entry.initrd), run);
    if (entry.initrd !== null && initrd === null) throw errors.KexecImpossible(`${entry.initrd} is not there`);
    return { source, entry, kernel, initrd };
  }
  throw errors.KexecImpossible(`${entry.linux} is not there`);
}

async function unified(root: string, run: Run): Promise<Found | null> {
  const { machine } = run;
  const names = (await machine.names(join(root, 'EFI', 'Linux'))).filter((name) => name.toLowerCase().endsWith('.efi'));
  const name = names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))[0];
  if (name === undefined) return null;
  const file = await machine.bytes(join(root, 'EFI', 'Linux', name), MOST_UKI);
  const sections = file === null ? null : peSections(file);
  const kernel = sections?.get('.linux');
  if (sections === undefined || sections === null || kernel === undefined) return null;
  const initrd = sections.get('.initrd');
  await machine.put(`${SCRATCH}/linux`, kernel);
  if (initrd !== undefined) await machine.put(`${SCRATCH}/initrd`, initrd);
  const options = (sections.get('.cmdline')?.toString('utf8') ?? '').replace(/\0/g, '').trim();
  return {
    source: 'uki',
    entry: {
      title: name,
      linux: `/EFI/Linux/${name}`,
      initrd: initrd === undefined ? null : '.initrd',
      options,
      sort: '',
    },
    kernel: `${SCRATCH}/linux`,
    initrd: initrd === undefined ? null : `${SCRATCH}/initrd`,
  };
}

async function load(found: Found, cmdline: string, run: Run): Promise<void> {
  const initrd = found.initrd === null ? [] : [`--initrd=${found.initrd}`];
  try {
    // -a takes the call that verifies signatures where the kernel has it.
    await run.machine.run('kexec', ['-a', '-l', found.kernel, ...initrd, `--command-line=${cmdline}`], {
      timeoutMs: 600_000,
    });
  } catch (error) {
    await outputOf(run.machine, 'kexec', ['-u']);
    throw errors.KexecImpossible(messageOf(error), { cause: error });
  }
}

/** A file of the image, links followed as long as they stay in it. */
async function inside(root: string, path: string, run: Run): Promise<string | null> {
  const real = await run.machine.resolve(join(root, path));
  return real?.startsWith(`${root}/`) === true ? real : null;
}

async function textInside(root: string, path: string, run: Run): Promise<string | null> {
  const real = await inside(root, path, run);
  return real === null ? null : ((await run.machine.bytes(real, MOST_TEXT))?.toString('utf8') ?? null);
}
