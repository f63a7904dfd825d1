import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { errors } from '../errors.ts';
import type { Machine } from '../machine/contract.ts';
import { checkQcow2, HEAD } from './formats.ts';

/** A stream saved in a file of the ramdisk. */
export interface Saved {
  path: string;
  bytes: number;
  remove(): Promise<void>;
}

/** Saves a stream where there is memory for it. Throws `ImageRefused` when it does not fit. */
export async function save(
  source: AsyncIterable<Buffer>,
  machine: Machine,
  name: string,
  onBytes: (bytes: number) => void,
): Promise<Saved> {
  const { path: folder, free } = await machine.scratch();
  const path = join(folder, name.replace(/[^A-Za-z0-9._-]/g, '_').slice(-100));
  const file = await open(path, 'w', 0o600);
  let bytes = 0;
  try {
    for await (const part of source) {
      if (bytes + part.length > free) {
        throw errors.ImageRefused(`it must be converted in memory, and only ${free} bytes are free; a raw one streams`);
      }
      await file.write(part);
      bytes += part.length;
      onBytes(bytes);
    }
  } catch (error) {
    await file.close();
    await machine.remove(path);
    throw error;
  }
  await file.close();
  return { path, bytes, remove: () => machine.remove(path) };
}

/** Writes a saved qcow2, its header checked, to a device or partition. Gives its virtual size. */
export async function convertQcow2(saved: Saved, device: string, size: number, machine: Machine): Promise<number> {
  const file = await open(saved.path, 'r');
  const head = Buffer.alloc(Math.min(HEAD, saved.bytes));
  try {
    await file.read(head, 0, head.length, 0);
  } finally {
    await file.close();
  }
  const virtual = checkQcow2(head);
  if (virtual > size) throw errors.DeviceTooSmall(device, size, virtual);
  // The format is named, never guessed by the tool; the target is there and is not made anew.
  const args = ['convert', '-f', 'qcow2', '-O', 'raw', '-n', '-W', '-t', 'writeback', saved.path, device];
  await machine.run('qemu-img', args, { timeoutMs: 3 * 3_600_000 });
  return virtual;
}
