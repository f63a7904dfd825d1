import { type FileHandle, open } from 'node:fs/promises';
import { messageOf } from '#kernel/errors';
import { errors } from '../errors.ts';
import type { BlockDevice } from './contract.ts';

/** How a range is made to read as zeroes; false when it cannot be done fast. */
export type Zeroer = (offset: number, length: number) => Promise<boolean>;

/** A block device, or a file in its place, through the page cache. */
export class FileDevice implements BlockDevice {
  readonly path: string;
  readonly size: number;
  readonly #handle: FileHandle;
  readonly #zeroer: Zeroer;

  private constructor(path: string, size: number, handle: FileHandle, zeroer: Zeroer) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
    this.#zeroer = zeroer;
  }

  /** Opens `file`, known to the outside as `path`. Throws IngotError `DeviceUnusable` with the system's reason. */
  static async open(
    path: string,
    file: string,
    mode: 'read' | 'write',
    size: number | null,
    zeroer: Zeroer = async () => false,
  ): Promise<FileDevice> {
    try {
      const handle = await open(file, mode === 'read' ? 'r' : 'r+');
      return new FileDevice(path, size ?? (await handle.stat()).size, handle, zeroer);
    } catch (error) {
      throw unusable(path, error);
    }
  }

  async read(buffer: Uint8Array, offset: number): Promise<void> {
    this.#mustFit(offset, buffer.length);
    for (let done = 0; done < buffer.length; ) {
      const { bytesRead } = await this.#told(this.#handle.read(buffer, done, buffer.length - done, offset + done));
      if (bytesRead === 0) throw errors.DeviceUnusable(this.path, `it ends at byte ${offset + done}`);
      done += bytesRead;
    }
  }

  async write(buffer: Uint8Array, offset: number): Promise<void> {
    this.#mustFit(offset, buffer.length);
    for (let done = 0; done < buffer.length; ) {
      const writing = this.#handle.write(buffer, done, buffer.length - done, offset + done);
      const { bytesWritten } = await this.#told(writing);
      done += bytesWritten;
    }
  }

  async zero(offset: number, length: number): Promise<boolean> {
    this.#mustFit(offset, length);
    return await this.#zeroer(offset, length);
  }

  async sync(): Promise<void> {
    await this.#told(this.#handle.sync());
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** The system names no disk: with its name people know which to replace. */
  async #told<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw unusable(this.path, error);
    }
  }

  #mustFit(offset: number, length: number): void {
    if (offset < 0 || offset + length > this.size) {
      throw errors.DeviceTooSmall(this.path, this.size, offset + length);
    }
  }
}

const unusable = (path: string, error: unknown) => errors.DeviceUnusable(path, messageOf(error), { cause: error });
