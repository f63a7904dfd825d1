import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImageInfo } from '#agent-api/image-info';
import { systemClock } from '#kernel/clock';
import { systemRandom } from '#kernel/random';
import { run } from '#kernel/run';
import { installBootloader } from '../../src/agent/boot/install-bootloader.ts';
import type { Run } from '../../src/agent/commands/command.ts';
import { writePartitionImage } from '../../src/agent/images/partition-image.ts';
import type { FoundDisk } from '../../src/agent/inventory/disks.ts';
import { agentLog } from '../../src/agent/log.ts';
import type { Machine } from '../../src/agent/machine/contract.ts';
import { realMachine } from '../../src/agent/machine/real.ts';
import { parseCommandLine, readParameters } from '../../src/agent/parameters.ts';
import { TestServer } from './harness.ts';

// Partition images on a disk that the kernel really partitions: a file behind a loop device. Needs root.

const MIB = 1024 * 1024;
const tool = (name: string, args: string[]) => run(name, args, { timeoutMs: 60_000 });

let folder: string;
let loop: string | null = null;
let why = 'because loop devices need root';
let server: TestServer;
let image: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-loop-'));
  try {
    await writeFile(join(folder, 'disk'), '');
    await truncate(join(folder, 'disk'), 1024 * MIB);
    loop = (await tool('losetup', ['--find', '--show', '--partscan', join(folder, 'disk')])).stdout.trim();
    image = await rootImage();
  } catch (error) {
    why = `because there is no loop device here: ${String(error)}`;
  }
  server = await TestServer.start(() => ({ status: 200, body: image }));
}, 120_000);
afterAll(async () => {
  await server.close();
  if (loop !== null) {
    const found = await readdir('/dev');
    for (const name of found.filter((one) => one.startsWith(`${basename(loop ?? '')}p`))) await rm(`/dev/${name}`);
    await tool('partx', ['-d', loop]).catch(() => undefined);
    await tool('losetup', ['--detach', loop]);
  }
  await rm(folder, { recursive: true, force: true });
});

/** A file system with a /boot, made without mounting it. */
async function rootImage(): Promise<Buffer> {
  const tree = join(folder, 'tree');
  await tool('mkdir', ['-p', join(tree, 'boot'), join(tree, 'etc')]);
  await writeFile(join(tree, 'etc/hostname'), 'tenant\n');
  const file = join(folder, 'root.ext4');
  await writeFile(file, '');
  await truncate(file, 64 * MIB);
  await tool('mkfs.ext4', ['-q', '-F', '-d', tree, '-L', 'root', file]);
  return await readFile(file);
}

/**
 * In a container the kernel reads no table by itself, and nobody makes the files of partitions: the agent's second way
 * (partx) is taken, and the files are made here.
 */
function machineOf(): Machine {
  const real = realMachine(systemClock);
  return new Proxy(real, {
    get(target, key) {
      if (key === 'run') {
        return async (name: string, args: readonly string[], options?: object) => {
          if (name === 'blockdev' && args[0] === '--rereadpt') throw new Error('not in a container');
          return await real.run(name, args, options);
        };
      }
      if (key === 'appears') {
        return async (device: string) => {
          const number = (await real.text(`/sys/class/block/${basename(device)}/dev`))?.split(':');
          if (number === undefined) return false;
          await rm(device, { force: true });
          await tool('mknod', [device, 'b', ...number]);
          return true;
        };
      }
      const value = Reflect.get(target, key, target) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function runOn(machine: Machine): Run {
  const parameters = readParameters(parseCommandLine('ipa-api-url=http://127.0.0.1:1'));
  return {
    machine,
    clock: systemClock,
    random: systemRandom,
    log: agentLog(systemClock, () => {}),
    parameters,
    node: () => null,
    config: () => ({}),
    id: 'test',
    signal: AbortSignal.timeout(120_000),
    progress: () => {},
  };
}

const disk = (): FoundDisk => ({ name: loop ?? '', size: 1024 * MIB, logical_sectors: 512 }) as unknown as FoundDisk;
const infoOf = (more: Partial<ImageInfo>): ImageInfo =>
  ({
    id: 'root',
    urls: [server.url],
    disk_format: 'raw',
    container_format: 'bare',
    image_type: 'partition',
    os_hash_algo: 'sha256',
    os_hash_value: createHash('sha256').update(image).digest('hex'),
    root_mb: 200,
    swap_mb: 16,
    ephemeral_mb: 64,
    ephemeral_format: 'ext4',
    ...more,
  }) as ImageInfo;

/** The partition that holds a file system of this label. */
async function labelled(label: string): Promise<string> {
  const names = (await readdir('/sys/class/block')).filter((name) => name.startsWith(`${basename(loop ?? '')}p`));
  for (const name of names) {
    const said = await run('blkid', ['-p', '-o', 'value', '-s', 'LABEL', `/dev/${name}`], {
      timeoutMs: 20_000,
      okCodes: [0, 2],
    });
    if (said.stdout.trim() === label) return `/dev/${name}`;
  }
  throw new Error(`no partition is labelled ${label}`);
}

describe.each([
  ['uefi', 'gpt'],
  ['bios', 'gpt'],
  ['bios', 'msdos'],
] as const)('a partition image for %s on %s', (mode, label) => {
  test('is laid out and written, and rebuilt with the ephemeral partition kept', async (context) => {
    context.skip(loop === null, why);
    const at = runOn(machineOf());
    const wish = { deploy_boot_mode: mode, disk_label: label };
    const drive = randomBytes(4096);
    const written = await writePartitionImage(infoOf(wish), disk(), drive, at, { insecure: false });
    expect(written.root_uuid).toMatch(/^[0-9a-f-]{36}$/);
    if (mode === 'uefi') expect(written.efi_system_partition_uuid).toMatch(/^[0-9A-F]{4}-[0-9A-F]{4}$/);
    const kept = await labelled('ephemeral0');
    const mark = randomBytes(4096);
    const put = async (path: string, offset: number) => {
      const file = await open(path, 'r+');
      await file.write(mark, 0, mark.length, offset);
      await file.sync();
      await file.close();
    };
    await put(kept, 32 * MIB);
    if (mode === 'bios') {
      await installBootloader({ rootUuid: written.root_uuid, espUuid: null, mode: 'bios' }, disk(), at);
      const sector = Buffer.alloc(440);
      const file = await open(loop ?? '', 'r');
      await file.read(sector, 0, 440, 0);
      await file.close();
      expect(sector.toString('latin1')).toContain('GRUB');
    }
    await writePartitionImage(infoOf({ ...wish, preserve_ephemeral: true }), disk(), drive, at, { insecure: false });
    const back = Buffer.alloc(mark.length);
    const file = await open(await labelled('ephemeral0'), 'r');
    await file.read(back, 0, back.length, 32 * MIB);
    await file.close();
    expect(back.equals(mark)).toBe(true);
    // Another size would put it elsewhere: nothing is touched.
    const other = infoOf({ ...wish, preserve_ephemeral: true, ephemeral_mb: 65 });
    await expect(writePartitionImage(other, disk(), drive, at, { insecure: false })).rejects.toThrow(
      /ephemeral partition to preserve/,
    );
  }, 120_000);
});
