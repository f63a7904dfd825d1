import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '#kernel/errors';
import { measureFsync } from '#store/fsync';
import { bad, type Finding, good, slow } from './finding.ts';

/** May this user keep its data there? */
export async function dataDirFinding(dataDir: string): Promise<Finding> {
  const name = 'Data directory';
  const at = await stat(dataDir).catch((error: NodeJS.ErrnoException) => error);
  if (at instanceof Error) {
    if (at.code !== 'ENOENT') return bad(name, `${dataDir}: ${at.message}`, otherPlace);
    const above = await nearestFolder(dataDir);
    const writable = await mayWrite(above);
    return writable
      ? good(name, `${dataDir} will be made`)
      : bad(name, `${dataDir} is missing, and you may not write in ${above}`, otherPlace);
  }
  if (!at.isDirectory()) return bad(name, `${dataDir} is not a folder`, otherPlace);
  if (!(await mayWrite(dataDir)))
    return bad(name, `you may not write in ${dataDir}`, `run as its owner (uid ${at.uid}), or ${otherPlace}`);
  if ((at.mode & 0o022) !== 0) return bad(name, `others may write in ${dataDir}`, `chmod go-w ${dataDir}`);
  return good(name, dataDir);
}

const otherPlace = 'name another place with --data-dir';

async function mayWrite(path: string): Promise<boolean> {
  return access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function nearestFolder(path: string): Promise<string> {
  for (let dir = path; ; dir = dirname(dir)) {
    if (dirname(dir) === dir || (await stat(dir).catch(() => undefined)) !== undefined) return dir;
  }
}

/** How long a write takes to reach the disk: each commit waits for one. */
export async function syncFinding(dataDir: string): Promise<Finding> {
  try {
    const { medianMs } = await measureFsync(await nearestFolder(dataDir), 20);
    const seen = `a synced write takes ${medianMs.toFixed(2)} ms`;
    return medianMs > 20
      ? slow('Disk speed', seen, 'put the data directory on a local SSD: every change waits for the disk')
      : good('Disk speed', seen);
  } catch (error) {
    return slow('Disk speed', `could not be measured: ${messageOf(error)}`, 'see the data directory above');
  }
}

/** A file of settings that holds a password must not be everybody's to read. */
export async function configFileFinding(file: string | null, holdsSecrets: boolean): Promise<Finding> {
  if (file === null) return good('Settings', 'no file; defaults, environment and flags');
  const at = await stat(file);
  if (holdsSecrets && (at.mode & 0o004) !== 0) {
    return bad('Settings', `${file} holds a password and everybody may read it`, `chmod o-r ${file}`);
  }
  return good('Settings', file);
}
