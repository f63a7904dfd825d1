import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { run } from '#kernel/run';

/** What an instance finds on its config drive; see OpenStack's metadata formats. */
export interface ConfigDrive {
  metaData: Record<string, unknown>;
  networkData?: Record<string, unknown>;
  /** A text as it is; anything else as JSON. */
  userData?: unknown;
  vendorData?: Record<string, unknown>;
}

const VERSIONS = ['2012-08-10', 'latest'];
const ISO_MS = 60_000;

/** The files of a config drive: path → content. */
export function configDriveFiles(drive: ConfigDrive): Map<string, string> {
  const files = new Map<string, string>();
  for (const version of VERSIONS) {
    const add = (name: string, content: string) => files.set(`openstack/${version}/${name}`, content);
    add('meta_data.json', JSON.stringify(drive.metaData));
    if (drive.networkData !== undefined) add('network_data.json', JSON.stringify(drive.networkData));
    if (drive.vendorData !== undefined) add('vendor_data2.json', JSON.stringify(drive.vendorData));
    if (drive.userData !== undefined && drive.userData !== null) {
      add('user_data', typeof drive.userData === 'string' ? drive.userData : JSON.stringify(drive.userData));
    }
  }
  return files;
}

/**
 * Makes the ISO (volume `config-2`, Joliet and Rock Ridge), compresses it and gives base64, as agents take it. Paths
 * are ours alone: nothing of a tenant's becomes a file name. Throws ChildMissing without xorriso, ChildFailed.
 */
export async function buildConfigDrive(drive: ConfigDrive, signal?: AbortSignal): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'ingot-configdrive-'));
  try {
    const tree = join(place, 'tree');
    for (const [path, content] of configDriveFiles(drive)) {
      await mkdir(join(tree, path, '..'), { recursive: true, mode: 0o700 });
      await writeFile(join(tree, path), content, { mode: 0o600 });
    }
    const iso = join(place, 'drive.iso');
    const args = [
      '-as',
      'mkisofs',
      '-quiet',
      '-o',
      iso,
      '-V',
      'config-2',
      '-J',
      '-r',
      '-ldots',
      '-allow-lowercase',
      tree,
    ];
    await run('xorriso', args, { timeoutMs: ISO_MS, ...(signal === undefined ? {} : { signal }) });
    return (await promisify(gzip)(await readFile(iso))).toString('base64');
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
