import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { type Clock, systemClock } from '#kernel/clock';
import { type Random, systemRandom } from '#kernel/random';
import type { Sealer, Store } from './contract.ts';
import { sealedWith } from './sealed-columns.ts';
import { type Keyring, keyErrors, keyPath, newKey, readKeyring, writeKeyring } from './keyring.ts';

const VERSION = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** The row of `meta` that names the keys which may have sealed something in this database. */
const META_KEY = 'sealing_keys';

/** A sealer that knows its keys' names. */
export interface KeyedSealer extends Sealer {
  /** Id of the key that seals. */
  readonly sealsWith: string;
  /** True when a key of this id is here. */
  has(keyId: string): boolean;
}

/** The key id a sealed text names; undefined when it is not one of ours. */
export function keyIdOf(sealed: string): string | undefined {
  const [version, id, , rest] = sealed.split('.');
  return version === VERSION && rest !== undefined ? id : undefined;
}

/** Makes a sealer from keys in memory; `path` is where `KeyMissing` says keys belong. */
export function makeSealer(keys: Keyring, path: string, random: Random = systemRandom): KeyedSealer {
  // Node makes a key object of bytes at every use, which costs three times the sealing itself.
  const byId = new Map(keys.map((key) => [key.id, createSecretKey(key.secret.reveal())]));
  const newest = keys.at(-1);
  if (newest === undefined) throw keyErrors.KeyFileBroken(path, 'it holds no keys');
  const sealing = createSecretKey(newest.secret.reveal());
  return {
    sealsWith: newest.id,
    has: (keyId) => byId.has(keyId),
    seal(value, aad) {
      const iv = random.bytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealing, iv);
      // The key id is bound as well: a text relabelled with another id must not open by accident.
      cipher.setAAD(Buffer.from(`${VERSION}.${newest.id}.${aad}`));
      const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${VERSION}.${newest.id}.${iv.toString('base64url')}.${sealed.toString('base64url')}`;
    },
    open<T>(sealed: string, aad: string): T {
      const [version, id = '', iv = '', body = '', ...more] = sealed.split('.');
      if (version !== VERSION || more.length > 0) throw keyErrors.SealBroken();
      const key = byId.get(id);
      if (key === undefined) throw keyErrors.KeyMissing(id, path);
      const bytes = Buffer.from(body, 'base64url');
      const ivBytes = Buffer.from(iv, 'base64url');
      if (ivBytes.length !== IV_BYTES || bytes.length < TAG_BYTES) throw keyErrors.SealBroken();
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, ivBytes, { authTagLength: TAG_BYTES });
        decipher.setAAD(Buffer.from(`${VERSION}.${id}.${aad}`));
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
        const plain = Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]);
        return JSON.parse(plain.toString('utf8')) as T;
      } catch (error) {
        throw keyErrors.SealBroken({ cause: error });
      }
    },
  };
}

/**
 * Opens `<dataDir>/keys.json`, making it when neither it nor a key of this database exists. The database
 * remembers the names of its keys, so that a second host cannot make a key of its own unseen.
 * Throws `KeyMissing`, `KeyFileOpen`, `KeyFileBroken`.
 */
export async function openSealer(store: Store, dataDir: string, clock: Clock = systemClock): Promise<KeyedSealer> {
  const path = keyPath(dataDir);
  const known = await knownKeys(store);
  let keys = await readKeyring(path);
  if (keys === undefined) {
    const missing = known[0];
    if (missing !== undefined) throw keyErrors.KeyMissing(missing, path);
    await writeKeyring(path, [newKey(clock.now())], true);
    keys = await readKeyring(path);
  }
  const sealer = makeSealer(keys ?? [], path);
  // Only an insert: of two hosts that start at once on an empty database, one wins and the other stops below.
  if (known.length === 0) {
    await store.query({
      text: 'insert into meta (key, value) values ($1, $2) on conflict (key) do nothing',
      values: [META_KEY, sealer.sealsWith],
    });
  }
  for (const id of await knownKeys(store)) if (!sealer.has(id)) throw keyErrors.KeyMissing(id, path);
  if (!(await knownKeys(store)).includes(sealer.sealsWith)) {
    await store.query({
      text: "update meta set value = value || ' ' || $2 where key = $1",
      values: [META_KEY, sealer.sealsWith],
    });
  }
  return sealer;
}

async function knownKeys(store: Store): Promise<string[]> {
  const [row] = await store.query<{ value: string }>({
    text: 'select value from meta where key = $1',
    values: [META_KEY],
  });
  return row === undefined ? [] : row.value.split(' ').filter((id) => id !== '');
}

/**
 * Names of keys that sealed something in the database and are not here, with the columns they are in.
 * Reads all `*_sealed` columns: for imports and `doctor`, not for requests.
 */
export async function checkKeys(
  store: Store,
  sealer: KeyedSealer | undefined,
): Promise<{ id: string; columns: string[] }[]> {
  const missing = new Map<string, string[]>();
  for (const { id, column } of await sealedWith(store)) {
    if (sealer?.has(id)) continue;
    missing.set(id, [...(missing.get(id) ?? []), column]);
  }
  return [...missing].map(([id, columns]) => ({ id, columns }));
}
