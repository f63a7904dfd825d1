import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { embeddedErrors } from './errors.ts';

/** The user the server runs as. PostgreSQL refuses uid 0. */
export interface Account {
  uid: number;
  gid: number;
  /** True when we are root and the child must become someone else. */
  drop: boolean;
}

/** In order of preference, when we are root. `nobody` is everywhere. */
const PREFERRED = ['ingot', 'postgres', 'nobody'];

/**
 * Who the server runs as: ourselves, or when we are root the owner of the existing data, else the first of
 * `ingot`, `postgres`, `nobody` in /etc/passwd (initdb needs an entry there).
 * Throws `NoAccount` inside a user namespace that has nobody but root.
 */
export async function chooseAccount(clusterDir: string): Promise<Account> {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  if (uid !== 0) return { uid, gid, drop: false };
  const owner = await stat(clusterDir).catch(() => undefined);
  const account =
    owner !== undefined && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid, drop: true } : await fromPasswd();
  if (account === undefined) throw embeddedErrors.NoAccount('there is no user `nobody`');
  if (!(await isMapped(account.uid))) throw embeddedErrors.NoAccount('this user namespace has no other user than root');
  return account;
}

async function fromPasswd(): Promise<Account | undefined> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const byName = new Map(passwd.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.split(':')]));
  for (const name of PREFERRED) {
    const fields = byName.get(name);
    const uid = Number(fields?.[2]);
    const gid = Number(fields?.[3]);
    if (uid > 0 && Number.isInteger(gid)) return { uid, gid, drop: true };
  }
  return undefined;
}

async function isMapped(uid: number): Promise<boolean> {
  const map = await readFile('/proc/self/uid_map', 'utf8').catch(() => '');
  if (map === '') return true;
  return map.split('\n').some((line) => {
    const [first, , count] = line.trim().split(/\s+/).map(Number);
    return first !== undefined && count !== undefined && uid >= first && uid < first + count;
  });
}

/** May `account` pass through `path` and all folders above it (and so open what it may read inside)? */
export async function canEnter(path: string, account: Account): Promise<boolean> {
  for (let dir = path; ; dir = dirname(dir)) {
    const at = await stat(dir).catch(() => undefined);
    if (at === undefined || !mayExecute(at, account)) return false;
    if (dirname(dir) === dir) return true;
  }
}

function mayExecute(at: { mode: number; uid: number; gid: number }, account: Account): boolean {
  if (at.uid === account.uid) return (at.mode & 0o100) !== 0;
  // Children get no supplementary groups when they drop root, so only the main one counts.
  if (at.gid === account.gid) return (at.mode & 0o010) !== 0;
  return (at.mode & 0o001) !== 0;
}

/** Options for a child that runs as `account`. */
export function asAccount(account: Account): { uid?: number; gid?: number } {
  return account.drop ? { uid: account.uid, gid: account.gid } : {};
}
