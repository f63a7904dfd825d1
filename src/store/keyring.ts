import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defineErrors, messageOf } from '#kernel/errors';
import { type Random, systemRandom } from '#kernel/random';
import { Secret } from '#kernel/secret';

export const keyErrors = defineErrors({
  KeyMissing: [
    500,
    (id: string, path: string) =>
      `The key ${id} that sealed secrets in the database is not here. Copy keys.json of the host that has it to ${path}`,
  ],
  KeyFileOpen: [500, (path: string) => `${path} may be read by other users. Run: chmod 600 ${path}`],
  KeyFileBroken: [500, (path: string, why: string) => `${path} is not a key file of ours: ${why}`],
  SealBroken: [
    500,
    () => 'A sealed secret does not open: it was changed, or moved here from another row. Set the secret anew',
  ],
});

/** One key of 256 bits. */
export interface Key {
  /** Short, in the alphabet of base64url; stands in every text it sealed. */
  id: string;
  secret: Secret<Buffer>;
  /** ISO 8601. */
  created: string;
}

/** Keys, oldest first: the last one seals, all of them open. */
export type Keyring = readonly Key[];

/** Where the keys of a data directory lie. */
export function keyPath(dataDir: string): string {
  return join(dataDir, 'keys.json');
}

/** Makes a key. `now` is the time in milliseconds since the epoch. */
export function newKey(now: number, random: Random = systemRandom): Key {
  return {
    id: random.bytes(6).toString('base64url'),
    secret: new Secret(random.bytes(32)),
    created: new Date(now).toISOString(),
  };
}

/** Reads a key file; undefined when there is none. Throws `KeyFileOpen`, `KeyFileBroken`. */
export async function readKeyring(path: string): Promise<Keyring | undefined> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw keyErrors.KeyFileBroken(path, error.message, { cause: error });
  });
  if (file === undefined) return undefined;
  try {
    if (((await file.stat()).mode & 0o077) !== 0) throw keyErrors.KeyFileOpen(path);
    return parseKeyring(await file.readFile('utf8'), path);
  } finally {
    await file.close();
  }
}

/** Parses the text of a key file; `path` is for messages. Throws `KeyFileBroken`. */
export function parseKeyring(text: string, path: string): Keyring {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // Not the parser's message: it quotes the text, and the text is keys.
    throw keyErrors.KeyFileBroken(path, 'it is not JSON', { cause: new Error(messageOf(error).slice(0, 40)) });
  }
  const list = (value as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(list) || list.length === 0) throw keyErrors.KeyFileBroken(path, 'it holds no keys');
  const ids = new Set<string>();
  return list.map((item: unknown) => {
    const { id, key, created } = (item ?? {}) as Record<string, unknown>;
    if (typeof id !== 'string' || !/^[\w-]{1,32}$/.test(id)) throw keyErrors.KeyFileBroken(path, 'a key has no id');
    if (ids.has(id)) throw keyErrors.KeyFileBroken(path, `it holds the key ${id} twice`);
    ids.add(id);
    const bytes = typeof key === 'string' ? Buffer.from(key, 'base64url') : Buffer.alloc(0);
    if (bytes.length !== 32) throw keyErrors.KeyFileBroken(path, `the key ${id} has not 32 bytes`);
    return { id, secret: new Secret(bytes), created: typeof created === 'string' ? created : '' };
  });
}

/** The text of a key file, secrets and all. */
export function renderKeyring(keys: Keyring): Secret {
  const list = keys.map(({ id, secret, created }) => ({ id, key: secret.reveal().toString('base64url'), created }));
  return new Secret(`${JSON.stringify({ keys: list }, null, 2)}\n`);
}

/**
 * Writes a key file (0600), whole or not at all, and on the disk before it returns. With `fresh` it does
 * nothing and gives false when there is one already.
 */
export async function writeKeyring(path: string, keys: Keyring, fresh = false): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(renderKeyring(keys).reveal());
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    if (fresh) await link(draft, path);
    else await rename(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft).catch(() => {}); // gone already after a rename
  }
  const dir = await open(dirname(path), 'r');
  await dir.sync().finally(() => dir.close());
  return true;
}

/**
 * Adds a new key to the file; processes started after that seal with it, and all open what older keys sealed.
 * With several hosts copy the file to each before restarting any. Gives the new key's id.
 */
export async function rotateKeys(dataDir: string, now: number): Promise<string> {
  const path = keyPath(dataDir);
  const key = newKey(now);
  await writeKeyring(path, [...((await readKeyring(path)) ?? []), key]);
  return key.id;
}

/** Adds keys of another host (from an export made with keys) behind which ours still seals. Gives the ids added. */
export async function addKeys(dataDir: string, others: Keyring): Promise<string[]> {
  const path = keyPath(dataDir);
  const mine = (await readKeyring(path)) ?? [];
  const added = others.filter((other) => !mine.some((key) => key.id === other.id));
  if (added.length > 0) await writeKeyring(path, [...added, ...mine]);
  return added.map((key) => key.id);
}

/** The text of a key file as it is, for an export with keys. */
export async function readKeyFile(dataDir: string): Promise<Secret | undefined> {
  const path = keyPath(dataDir);
  return (await readKeyring(path)) === undefined ? undefined : new Secret(await readFile(path, 'utf8'));
}
