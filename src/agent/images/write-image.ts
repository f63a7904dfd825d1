import type { ImageInfo, WrittenImage } from '#agent-api/image-info';
import { manifestDigest } from '#agent-api/manifest';
import { messageOf } from '#kernel/errors';
import type { Run } from '../commands/command.ts';
import { isObject } from '../commands/parameters.ts';
import { chooseRootDisk, type Hints, hintsOf } from '../disks/hints.ts';
import { rereadTable } from '../disks/reread.ts';
import { repairGpt } from '../disks/tables.ts';
import { errors } from '../errors.ts';
import type { Trust } from '../http/request.ts';
import { type FoundDisk, listDisks } from '../inventory/disks.ts';
import { BlockImage } from './block-image.ts';
import { fetchManifest } from './fetch-manifest.ts';
import { configDriveBytes, writeConfigDrive } from './config-drive.ts';
import { writePartitionImage } from './partition-image.ts';
import type { SharedBlocks } from './shared-blocks.ts';
import { downloadOptions, streamImage } from './stream-image.ts';

export interface WriteOptions {
  trust: Trust;
  shared: SharedBlocks;
  peer(): { url: string; verifyCa: string } | null;
}

/** The disk that hints choose, or a named one. */
export async function targetDisk(run: Run, device: unknown, hints: Hints | null): Promise<FoundDisk> {
  const disks = await listDisks(run.machine);
  if (typeof device === 'string') return chooseRootDisk(disks, { name: device });
  return chooseRootDisk(disks, hints ?? hintsOf(run.node()));
}

/**
 * Writes an image and its config drive to the root disk. Throws what `streamImage` throws, `NoRootDevice`,
 * `ConfigDriveRefused`, `PartitioningFailed`.
 */
export async function writeImage(
  info: ImageInfo,
  configDrive: string | null,
  run: Run,
  options: WriteOptions,
): Promise<WrittenImage> {
  const started = run.clock.monotonic();
  if (!isObject(info) || !Array.isArray(info.urls) || typeof info.id !== 'string') {
    throw errors.BadParameters("'image_info' must have 'id' and 'urls'");
  }
  // Read before a byte is written: a config drive that does not unpack would leave half a machine.
  const drive =
    configDrive === null ? null : await configDriveBytes(configDrive, downloadOptions(info, run, options.trust));
  await options.shared.clear();
  const disk = await targetDisk(run, undefined, info.root_device ?? null);
  const sector = disk.logical_sectors ?? 512;
  run.log.info('writing an image', { image: info.id, device: disk.name, size: disk.size });
  const seconds = () => (run.clock.monotonic() - started) / 1000;
  if (info.image_type === 'partition') {
    const written = await writePartitionImage(info, disk, drive, run, options.trust);
    return { ...written, seconds: seconds() };
  }
  const written = await writeWhole(info, disk, run, options);
  const device = await run.machine.open(disk.name, 'write');
  try {
    if (await repairGpt(device, sector)) run.log.info('the backup GPT was moved to the end', { device: disk.name });
    if (drive !== null) {
      run.progress({ phase: 'configdrive', what: disk.name, bytes: 0, total: drive.length });
      const part = await writeConfigDrive(device, sector, drive);
      run.log.info('the config drive is written', { device: disk.name, partition: part.number });
    }
    await device.sync();
  } finally {
    await device.close();
  }
  await rereadTable(run.machine, disk.name);
  return { ...written, device: disk.name, seconds: seconds(), root_uuid: null, efi_system_partition_uuid: null };
}

async function writeWhole(info: ImageInfo, disk: FoundDisk, run: Run, options: WriteOptions) {
  if (info.manifest_url === undefined) {
    return { ...(await streamImage(info, disk.name, run, options.trust)), peer_bytes: 0 };
  }
  const trust = info.source_ca === undefined ? options.trust : { ...options.trust, ca: info.source_ca };
  let manifest: Awaited<ReturnType<typeof fetchManifest>>;
  try {
    manifest = await fetchManifest(info.manifest_url, run, trust);
    const digest = info.manifest_sha256 === undefined ? undefined : manifestDigest(manifest);
    if (digest !== undefined && digest !== info.manifest_sha256) {
      throw errors.ChecksumMismatch('The manifest', 'sha256', info.manifest_sha256 ?? '', digest);
    }
  } catch (error) {
    if (info.urls.length === 0) throw error;
    run.log.warn('no manifest; the image is streamed', { error: messageOf(error) });
    return { ...(await streamImage(info, disk.name, run, options.trust)), peer_bytes: 0 };
  }
  const device = await run.machine.open(disk.name, 'write');
  const image = new BlockImage({ info, run, trust, peer: options.peer(), shared: options.shared }, manifest, device);
  let shares = false;
  try {
    const written = await image.write();
    shares = image.sharing;
    return written;
  } finally {
    // While blocks are given to others, the device stays open; `clear` closes it.
    if (!shares) await device.close();
  }
}
