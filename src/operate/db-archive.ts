import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { systemClock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { type ConfigInput, loadConfig } from '#platform/config';
import { silentLog } from '#platform/log';
import type { Config } from '#platform/settings';
import { exportDatabase } from '#store/archive/export';
import { importDatabase } from '#store/archive/import';
import { attachEmbedded } from '#store/embedded/attach';
import { openStore } from '#store/index';
import { addKeys, keyPath, readKeyFile } from '#store/keyring';
import { checkKeys, openSealer } from '#store/seal';
import { prepareDatabase } from '../app.ts';
import { errors } from './errors.ts';

/** Writes an archive of the whole database. The file appears when it is complete, readable for its owner alone. */
export async function exportCommand(input: ConfigInput, file: string, withKeys: boolean): Promise<string> {
  const { config } = loadConfig(input);
  const { url, close } = await reach(config);
  try {
    const keyFile = withKeys ? await readKeyFile(config.general.data_dir) : undefined;
    const options = keyFile === undefined ? {} : { keyFile };
    const done = await intoFile(file, (stream) => exportDatabase({ url }, stream, options));
    const keys =
      withKeys || done.keys.length === 0
        ? ''
        : ` Its secrets open with ${keyPath(config.general.data_dir)} only: keep a copy of that as well.`;
    return `Exported ${done.rows} rows of ${done.tables} tables to ${file === '-' ? 'standard output' : file}.${keys}`;
  } finally {
    await close();
  }
}

/** The database's URL: that of a program which runs, or of a server started for this. */
async function reach(config: Config): Promise<{ url: string; close(): Promise<void> }> {
  const running = config.database.url?.reveal() ?? (await attachEmbedded(config.general.data_dir, systemClock));
  if (running !== undefined) return { url: running, close: async () => {} };
  const store = await openStore({ dataDir: config.general.data_dir, migrate: 'skip' });
  return { url: store.url, close: () => store.close() };
}

async function intoFile<T>(file: string, write: (stream: Writable) => Promise<T>): Promise<T> {
  if (file === '-') return write(process.stdout);
  const draft = `${file}.part`;
  try {
    const target = createWriteStream(draft, { mode: 0o600 });
    const stream = file.endsWith('.gz') ? createGzip() : target;
    if (stream !== target) stream.pipe(target);
    const ended = finished(target);
    const [done] = await Promise.all([write(stream).then((value) => (stream.end(), value)), ended]);
    const handle = await open(draft, 'r');
    await handle.sync().finally(() => handle.close());
    await rename(draft, file);
    return done;
  } catch (error) {
    await rm(draft, { force: true });
    throw (error as NodeJS.ErrnoException).code === undefined ? error : fileError(file, error);
  }
}

/** Loads an archive into an empty database, and its keys into the data directory when it has them. */
export async function importCommand(input: ConfigInput, file: string): Promise<string> {
  const { config } = loadConfig(input);
  const dataDir = config.general.data_dir;
  const store = await prepareDatabase(config, silentLog, systemClock);
  try {
    const done = await importDatabase(store, await fromFile(file));
    if (done.keyring !== undefined) await addKeys(dataDir, done.keyring);
    const sealer = await openSealer(store, dataDir).catch(() => undefined);
    const missing = await checkKeys(store, sealer);
    const first = `Imported ${done.rows} rows of ${done.tables} tables, exported ${done.created}.`;
    if (missing.length === 0) return first;
    const which = missing.map(({ id, columns }) => `${id} (${columns.join(', ')})`).join('; ');
    return `${first}\nSecrets in it cannot be opened here: copy keys.json of the host they come from to ${keyPath(dataDir)}. Missing keys: ${which}.`;
  } finally {
    await store.close();
  }
}

async function fromFile(file: string): Promise<Readable> {
  if (file === '-') return process.stdin;
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw fileError(file, error);
  });
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  await handle.close();
  const raw = createReadStream(file);
  const isGzip = bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  return isGzip ? raw.pipe(createGunzip()) : raw;
}

function fileError(file: string, error: unknown): Error {
  return errors.FileUnusable(file, messageOf(error), { cause: error });
}
