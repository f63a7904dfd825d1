import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '#kernel/errors';
import { type Account, canEnter } from './account.ts';
import { embeddedErrors } from './errors.ts';

/** Where the parts of an embedded database lie. */
export interface Place {
  dataDir: string;
  /** The cluster, `<dataDir>/pg`. */
  cluster: string;
  /** Passwords, 0600, never readable by the server's account. */
  passwords: string;
  log: string;
}

/** Makes the data directory when it is missing. Throws `DataDirUnusable`. */
export async function openPlace(path: string): Promise<Place> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const dataDir = await realpath(path);
    const at = await lstat(dataDir);
    // The server runs as another user when we are root: it must pass, not read. All files inside are 0600.
    if (process.getuid?.() === 0 && (at.mode & 0o011) !== 0o011) await chmod(dataDir, at.mode | 0o011);
    return {
      dataDir,
      cluster: join(dataDir, 'pg'),
      passwords: join(dataDir, 'database.json'),
      log: join(dataDir, 'postgres.log'),
    };
  } catch (error) {
    throw embeddedErrors.DataDirUnusable(path, messageOf(error), { cause: error });
  }
}

/** The longest path of a unix socket, and what PostgreSQL adds to the folder's. */
const SOCKET_PATH_MAX = 107;
const SOCKET = '.s.PGSQL.5432';
const SOCKET_LOCK = `${SOCKET}.lock`;

/**
 * The folder of the socket: `<dataDir>/run`, or when that is too deep for a socket's address or closed to the
 * account a short one in /run or /tmp, named by a hash of the data directory. 0711: processes in a user
 * namespace count as "others" and must reach it; the password keeps strangers out.
 */
export async function socketDir(place: Place, account: Account): Promise<string> {
  const inside = join(place.dataDir, 'run');
  const fits = Buffer.byteLength(join(inside, SOCKET_LOCK)) <= SOCKET_PATH_MAX;
  const open = await canEnter(place.dataDir, account);
  const dir = fits && open ? inside : shortDir(place.dataDir, account);
  await mkdir(dir, { mode: 0o711 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw embeddedErrors.DataDirUnusable(dir, error.message, { cause: error });
  });
  const at = await lstat(dir);
  const ours = at.uid === process.getuid?.() || at.uid === account.uid;
  if (!at.isDirectory() || !ours) {
    throw embeddedErrors.DataDirUnusable(dir, 'it belongs to somebody else and the socket must go there');
  }
  // Called when no server runs: what a dead one left would only make the next one doubt.
  await rm(join(dir, SOCKET_LOCK), { force: true });
  await rm(join(dir, SOCKET), { force: true });
  if (account.drop && at.uid !== account.uid) await chown(dir, account.uid, account.gid);
  if ((at.mode & 0o777) !== 0o711) await chmod(dir, 0o711);
  return dir;
}

function shortDir(dataDir: string, account: Account): string {
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  return account.drop ? `/run/ingot-${hash}` : `/tmp/ingot-${account.uid}-${hash}`;
}
