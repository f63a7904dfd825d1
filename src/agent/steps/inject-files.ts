import { join, normalize } from 'node:path';
import { type Params, type Run } from '../commands/command.ts';
import { isObject } from '../commands/parameters.ts';
import { partitionPath, partitionsOf, readTable } from '../disks/tables.ts';
import { errors } from '../errors.ts';
import { downloadSmall } from '../images/download.ts';
import { targetDisk } from '../images/write-image.ts';
import type { Trust } from '../http/request.ts';
import { outputOf } from '../machine/contract.ts';

const MOST_FILE = 16 * 1024 * 1024;

interface File {
  path: string;
  partition: string;
  content: Buffer;
  mode: number;
  owner: string | null;
}

/** Writes files into the deployed system: `files` of the step, or `inject_files` of the node's properties. */
export async function injectFiles(args: Params, node: Params, run: Run, trust: Trust): Promise<{ result: string }> {
  const properties = isObject(node['properties']) ? node['properties'] : {};
  const given = args['files'] ?? properties['inject_files'];
  if (given === undefined || given === null) return { result: 'no files were given' };
  if (!Array.isArray(given)) throw errors.BadParameters("'files' must be a list");
  const files = await Promise.all(given.map((file: unknown) => readFile(file, run, trust)));
  const disk = await targetDisk(run, undefined, null);
  for (const file of files) {
    const mounted = await run.machine.mount(
      await partitionFor(file.partition, disk.name, disk.logical_sectors ?? 512, run),
      {
        readOnly: false,
      },
    );
    try {
      // Links in the image may lead anywhere: the folder must stay inside what is mounted.
      const folder = normalize(join(mounted.path, file.path, '..'));
      const real = await run.machine.resolve(folder);
      if (real === null) throw errors.BadParameters(`${file.path} has no folder in the image`);
      if (real !== mounted.path && !real.startsWith(`${mounted.path}/`)) {
        throw errors.BadParameters(`${file.path} leads out of the image`);
      }
      const target = join(real, file.path.split('/').at(-1) ?? '');
      await run.machine.remove(target); // a link there would be followed
      await run.machine.put(target, file.content, file.mode);
      if (file.owner !== null) await outputOf(run.machine, 'chown', [file.owner, target]);
    } finally {
      await mounted.unmount();
    }
  }
  return { result: `${files.length} files were written` };
}

async function readFile(value: unknown, run: Run, trust: Trust): Promise<File> {
  if (!isObject(value)) throw errors.BadParameters("'files' must hold objects");
  const { path, content, mode, owner, group } = value;
  const partition = value['partition'] ?? 'root';
  if (typeof path !== 'string' || !path.startsWith('/') || path.endsWith('/') || path.split('/').includes('..')) {
    throw errors.BadParameters("'path' of a file must be absolute");
  }
  if (typeof content !== 'string') throw errors.BadParameters(`${path} has no content`);
  const bytes = /^https?:\/\//.test(content)
    ? await downloadSmall(content, MOST_FILE, { trust, clock: run.clock, signal: run.signal })
    : Buffer.from(content, 'base64');
  const bits = typeof mode === 'string' ? Number.parseInt(mode, 8) : (mode ?? 0o644);
  if (typeof bits !== 'number' || !(bits >= 0 && bits <= 0o7777))
    throw errors.BadParameters(`${path} has no such mode`);
  const id = (who: unknown) =>
    typeof who === 'number' || (typeof who === 'string' && /^\d+$/.test(who)) ? String(who) : null;
  const both = owner === undefined && group === undefined ? null : `${id(owner) ?? '0'}:${id(group) ?? '0'}`;
  return { path, partition: String(partition), content: bytes, mode: bits, owner: both };
}

/** A partition by its number, device, label or file system UUID; `root` is the largest. */
async function partitionFor(wish: string, disk: string, sector: number, run: Run): Promise<string> {
  const device = await run.machine.open(disk, 'read');
  const parts = partitionsOf(await readTable(device, sector).finally(() => device.close()));
  if (wish === 'root') {
    const largest = [...parts].sort((a, b) => b.last - b.first - (a.last - a.first))[0];
    if (largest !== undefined) return partitionPath(disk, largest.number);
  }
  for (const part of parts) {
    const path = partitionPath(disk, part.number);
    if (wish === path || wish === String(part.number) || wish === part.uuid || wish === part.name) return path;
    const label =
      (await outputOf(run.machine, 'blkid', ['-p', '-o', 'value', '-s', 'LABEL', '-s', 'UUID', path])) ?? '';
    if (label.split('\n').includes(wish)) return path;
  }
  throw errors.BadParameters(`${disk} has no partition ${wish}`);
}
