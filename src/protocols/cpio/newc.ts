import { createReadStream } from 'node:fs';

/** One member of an archive. Owner is always root. */
export type CpioEntry = { path: string } & (
  | { kind: 'dir'; mode?: number }
  | { kind: 'link'; target: string }
  | { kind: 'file'; mode?: number; data: Buffer }
  | { kind: 'file'; mode?: number; source: string; size: number }
);

const TYPE = { dir: 0o040000, link: 0o120000, file: 0o100000 } as const;
const MODE = { dir: 0o755, link: 0o777, file: 0o644 } as const;

/**
 * A cpio archive in the "newc" form of Linux' initramfs (kernel, `buffer-format.rst`), piece by piece. The same
 * entries and time give the same bytes. `mtime` in seconds.
 */
export async function* cpio(entries: Iterable<CpioEntry>, mtime: number): AsyncGenerator<Buffer> {
  let inode = 1;
  for (const entry of entries) {
    const data = inline(entry);
    const size = entry.kind === 'file' && 'source' in entry ? entry.size : data.length;
    yield header(entry, inode++, size, mtime);
    if (entry.kind === 'file' && 'source' in entry) yield* exactly(entry.source, size);
    else if (size > 0) yield data;
    if (size % 4 !== 0) yield Buffer.alloc(4 - (size % 4));
  }
  yield header({ kind: 'file', path: 'TRAILER!!!', mode: 0, data: Buffer.alloc(0) }, 0, 0, 0);
}

/** A small archive, whole. Entries that are files on disk are not for this. */
export function cpioBuffer(entries: Iterable<CpioEntry>, mtime = 0): Buffer {
  const parts: Buffer[] = [];
  let inode = 1;
  for (const entry of entries) {
    if (entry.kind === 'file' && 'source' in entry) throw new TypeError('a small archive holds no files of the disk');
    const data = inline(entry);
    parts.push(header(entry, inode++, data.length, mtime), data, Buffer.alloc((4 - (data.length % 4)) % 4));
  }
  parts.push(header({ kind: 'file', path: 'TRAILER!!!', mode: 0, data: Buffer.alloc(0) }, 0, 0, 0));
  return Buffer.concat(parts);
}

function inline(entry: CpioEntry): Buffer {
  if (entry.kind === 'link') return Buffer.from(entry.target);
  return entry.kind === 'file' && 'data' in entry ? entry.data : Buffer.alloc(0);
}

function header(entry: CpioEntry, inode: number, size: number, mtime: number): Buffer {
  const name = Buffer.from(`${entry.path}\0`);
  const mode =
    entry.path === 'TRAILER!!!'
      ? 0
      : TYPE[entry.kind] | (('mode' in entry ? entry.mode : undefined) ?? MODE[entry.kind]);
  const fields = [inode, mode, 0, 0, entry.kind === 'dir' ? 2 : 1, mtime, size, 0, 0, 0, 0, name.length, 0];
  const head = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), name]);
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

/** The file's bytes; throws when it is not as long as it was said to be. */
async function* exactly(file: string, size: number): AsyncGenerator<Buffer> {
  let seen = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    seen += (chunk as Buffer).length;
    yield chunk as Buffer;
  }
  if (seen !== size) throw new Error(`${file} changed while it was packed`);
}
