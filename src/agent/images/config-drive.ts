import { gunzipSync } from 'node:zlib';
import { addAtEnd, partitionsOf, readTable } from '../disks/tables.ts';
import type { Partition } from '../disks/gpt.ts';
import { errors } from '../errors.ts';
import type { BlockDevice } from '../machine/contract.ts';
import { type DownloadOptions, downloadSmall } from './download.ts';

/** As large as Ironic lets a config drive be. */
export const MOST_CONFIG_DRIVE = 64 * 1024 * 1024;
const LABEL = 'config-2';

/**
 * The bytes of a config drive: base64 of gzip (or of the image itself), or a URL of that. Throws
 * `ConfigDriveRefused` for what is none, or unpacks to more than 64 MiB.
 */
export async function configDriveBytes(given: string, options: DownloadOptions): Promise<Buffer> {
  const text = /^https?:\/\//.test(given)
    ? (await downloadSmall(given, 2 * MOST_CONFIG_DRIVE, options)).toString('latin1')
    : given;
  const packed = Buffer.from(text, 'base64');
  if (packed.length === 0) throw errors.ConfigDriveRefused('it is empty or no base64');
  if (packed.readUInt16BE(0) !== 0x1f8b) return packed;
  try {
    return gunzipSync(packed, { maxOutputLength: MOST_CONFIG_DRIVE });
  } catch (error) {
    throw errors.ConfigDriveRefused('it does not unpack, or to more than 64 MiB', { cause: error });
  }
}

/**
 * Puts a config drive on a disk that has an image: in the partition that is labelled for it, else in a new one of
 * 64 MiB at the end. Gives the partition.
 */
export async function writeConfigDrive(device: BlockDevice, sector: number, bytes: Buffer): Promise<Partition> {
  if (bytes.length > MOST_CONFIG_DRIVE) throw errors.ConfigDriveRefused('it has more than 64 MiB');
  const table = await readTable(device, sector);
  let place: Partition | undefined;
  for (const part of partitionsOf(table)) {
    if (await isConfigDrive(device, part, sector)) place = part;
  }
  place ??= await addAtEnd(device, sector, MOST_CONFIG_DRIVE, LABEL);
  const room = (place.last - place.first + 1) * sector;
  if (bytes.length > room) throw errors.ConfigDriveRefused(`it has ${bytes.length} bytes, its partition ${room}`);
  await putBytes(device, bytes, place.first * sector, sector);
  await device.sync();
  return place;
}

/** Writes whole sectors, the last filled with zeroes. */
export async function putBytes(device: BlockDevice, bytes: Buffer, offset: number, sector: number): Promise<void> {
  const rest = bytes.length % sector;
  await device.write(rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(sector - rest)]), offset);
}

async function isConfigDrive(device: BlockDevice, part: Partition, sector: number): Promise<boolean> {
  const length = Math.min((part.last - part.first + 1) * sector, 36 * 1024);
  if (length < 36 * 1024 || (part.last + 1) * sector > device.size) return false;
  const head = Buffer.alloc(length);
  await device.read(head, part.first * sector);
  const iso = head.toString('latin1', 0x8001, 0x8006) === 'CD001' ? head.toString('latin1', 0x8028, 0x8048) : '';
  const fat16 = head.toString('latin1', 0x2b, 0x36);
  const fat32 = head.toString('latin1', 0x47, 0x52);
  return [iso, fat16, fat32].some((label) => label.trim().toLowerCase() === LABEL);
}
