/** A file, folder or link of an archive; `path` without a leading slash. */
export interface CpioEntry {
  path: string;
  mode: number;
  data?: Buffer;
}

const FILE = 0o100000;
const FOLDER = 0o040000;
const LINK = 0o120000;

/** A plain file. */
export const file = (path: string, data: Buffer | string, mode = 0o644): CpioEntry => ({
  path,
  mode: FILE | mode,
  data: Buffer.from(data),
});
export const folder = (path: string, mode = 0o755): CpioEntry => ({ path, mode: FOLDER | mode });
export const link = (path: string, to: string): CpioEntry => ({ path, mode: LINK | 0o777, data: Buffer.from(to) });

/**
 * An initramfs in the `newc` form, all of it root's, all of one time: the same entries give the same bytes.
 * Folders that are not named are made.
 */
export function cpio(entries: readonly CpioEntry[], epochS: number): Buffer {
  const parts: Buffer[] = [];
  let inode = 1;
  const add = ({ path, mode, data = Buffer.alloc(0) }: CpioEntry) => {
    const name = Buffer.from(`${path}\0`);
    const links = (mode & FOLDER) === FOLDER && (mode & FILE) !== FILE ? 2 : 1;
    const fields = [inode++, mode, 0, 0, links, epochS, data.length, 0, 0, 0, 0, name.length, 0];
    const head = Buffer.from(`070701${fields.map((n) => n.toString(16).padStart(8, '0')).join('')}`, 'latin1');
    parts.push(head, name, padding(head.length + name.length), data, padding(data.length));
  };
  for (const entry of withFolders(entries)) add(entry);
  inode = 0;
  add({ path: 'TRAILER!!!', mode: 0 });
  const whole = Buffer.concat(parts);
  return Buffer.concat([whole, Buffer.alloc((512 - (whole.length % 512)) % 512)]);
}

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}

function withFolders(entries: readonly CpioEntry[]): CpioEntry[] {
  const all = new Map<string, CpioEntry>();
  for (const entry of entries) {
    const steps = entry.path.split('/');
    for (let depth = 1; depth < steps.length; depth++) {
      const path = steps.slice(0, depth).join('/');
      if (!all.has(path)) all.set(path, folder(path));
    }
    all.set(entry.path, entry);
  }
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
