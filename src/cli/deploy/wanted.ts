import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../baremetal/context.ts';

/** What was typed. */
export interface Wanted {
  node?: string | undefined;
  image: string;
  checksum?: string | undefined;
  format?: string | undefined;
  key?: string | undefined;
  /** For logging in on the console, where the image takes one. */
  password?: string | undefined;
  name?: string | undefined;
  resourceClass?: string | undefined;
  traits: readonly string[];
  userData?: string | undefined;
  networkData?: string | undefined;
}

const KEY = /^(ssh-(ed25519|rsa)|ecdsa-sha2-[a-z0-9-]+|sk-[a-z0-9@.-]+) [A-Za-z0-9+/=]+/;
const USUAL = ['id_ed25519.pub', 'id_ecdsa.pub', 'id_rsa.pub'];

/** The instance's settings, as the API takes them. */
export function instanceFrom(wanted: Wanted): Record<string, unknown> {
  const { checksum = '' } = wanted;
  const hashed = /^(sha256|sha512):([0-9a-f]+)$/i.exec(checksum);
  const sum =
    hashed !== null
      ? { image_os_hash_algo: hashed[1]?.toLowerCase(), image_os_hash_value: hashed[2]?.toLowerCase() }
      : checksum === ''
        ? {}
        : /^[0-9a-f]{128}$/i.test(checksum)
          ? { image_os_hash_algo: 'sha512', image_os_hash_value: checksum.toLowerCase() }
          : { image_checksum: checksum };
  return {
    image_source: wanted.image,
    ...sum,
    ...(wanted.format === undefined ? {} : { image_disk_format: wanted.format }),
    ...(wanted.name === undefined ? {} : { display_name: wanted.name }),
  };
}

/** The config drive: key, password, name, user data. Throws UsageError for a key or network data that are none. */
export async function configDriveFrom(wanted: Wanted): Promise<Record<string, unknown>> {
  const key = await keyFrom(wanted.key);
  let networkData: unknown;
  if (wanted.networkData !== undefined) {
    try {
      networkData = JSON.parse(wanted.networkData);
    } catch {
      throw new UsageError('--network-data is no JSON.');
    }
  }
  return {
    meta_data: {
      ...(wanted.name === undefined ? {} : { name: wanted.name, hostname: wanted.name }),
      ...(key === undefined ? {} : { public_keys: { default: key } }),
      ...(wanted.password === undefined ? {} : { admin_pass: wanted.password }),
    },
    ...(networkData === undefined ? {} : { network_data: networkData }),
    ...(wanted.userData === undefined ? {} : { user_data: wanted.userData }),
  };
}

/** The key that was named, or the usual one of this account. */
async function keyFrom(given: string | undefined): Promise<string | undefined> {
  if (given !== undefined) {
    const text = KEY.test(given) ? given : await readFile(given, 'utf8');
    const line = text.split('\n').find((one) => KEY.test(one));
    if (line === undefined) throw new UsageError(`${given} holds no public SSH key.`);
    return line.trim();
  }
  const folder = join(homedir(), '.ssh');
  const files = await readdir(folder).catch((): string[] => []);
  for (const name of USUAL) {
    if (!files.includes(name)) continue;
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    if (KEY.test(text)) return text.trim();
  }
  return undefined;
}
