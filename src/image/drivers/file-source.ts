import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { basename, isAbsolute, sep } from 'node:path';
import { errors } from '../errors.ts';
import type { ImageSource, SourceFacts } from './contract.ts';

/**
 * A file below one of the folders that the operator allows. The path is read as it stands (no percent escapes), every
 * link is followed before it is judged, and the file that was judged is the one that is read. Devices, pipes and
 * folders are refused without being read.
 */
export async function fileSource(path: string, folders: readonly string[]): Promise<ImageSource> {
  if (folders.length === 0)
    throw errors.ImageFileRefused('file URLs are off; image.file_folders names the folders to read from');
  if (!isAbsolute(path) || path.includes('\0')) throw errors.ImageFileRefused('its path is not absolute');
  const real = await realpath(path).catch(() => {
    throw errors.ImageFileRefused('it is not there, or not below an allowed folder');
  });
  const roots = await Promise.all(folders.map((folder) => realpath(folder).catch(() => null)));
  if (!roots.some((root) => root !== null && real.startsWith(root.endsWith(sep) ? root : `${root}${sep}`))) {
    throw errors.ImageFileRefused('it is not there, or not below an allowed folder');
  }
  return { name: `file://${path}`, fileName: basename(path), ...opened(real) };
}

/** A file of our own. */
export function ownFile(path: string, name: string): ImageSource {
  return { name, fileName: basename(path), ...opened(path) };
}

function opened(real: string): Pick<ImageSource, 'stat' | 'open'> {
  const enter = async (): Promise<{ handle: FileHandle; facts: SourceFacts }> => {
    // O_NONBLOCK: a pipe put there in the meantime must not hold us.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(real, flags).catch(() => {
      throw errors.ImageFileRefused('it cannot be opened');
    });
    const facts = await handle.stat();
    // Two names for one file: the other may be somebody's secret.
    const why = !facts.isFile()
      ? 'it is no plain file'
      : facts.nlink > 1
        ? 'it has several names (hard links)'
        : undefined;
    if (why !== undefined) {
      await handle.close();
      throw errors.ImageFileRefused(why);
    }
    const validator = `${facts.dev}-${facts.ino}-${facts.size}-${facts.mtimeMs}-${facts.ctimeMs}`;
    return { handle, facts: { bytes: facts.size, validator, resumable: true } };
  };
  return {
    async stat() {
      const { handle, facts } = await enter();
      await handle.close();
      return facts;
    },
    async open(offset, same) {
      const { handle, facts } = await enter();
      if (same !== null && same.validator !== facts.validator) {
        await handle.close();
        throw errors.ImageChanged();
      }
      return { stream: handle.createReadStream({ start: offset, highWaterMark: 1024 * 1024 }), facts };
    },
  };
}
