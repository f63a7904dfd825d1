import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { newUuid } from '#kernel/ids';
import type { Log } from '#platform/log';
import type { Outbound } from '#protocols/outbound/outbound';
import { errors } from '../errors.ts';

/** A file of a URL, on this host. */
export interface FetchedFile {
  path: string;
  size: number;
}

export interface RemoteParts {
  folder: string;
  outbound: Outbound;
  maxBytes: number;
  clock: Clock;
  log: Log;
}

interface Facts {
  url: string;
  name: string;
  size: number;
  validator: string | null;
}

/** A file that was looked at is taken as it is for so long: machines ask for it in many parts. */
const FRESH_MS = 10 * 60_000;
/** What nobody asked for in this time goes. */
const UNUSED_MS = 3 * 24 * 3_600_000;
const FETCH_MS = 3_600_000;

/**
 * Kernels, ramdisks and ISOs that people name by http(s) URL: fetched past the guard of outbound requests, kept here,
 * and looked at again when a boot is offered later. What was fetched whole is booted even while its server is away.
 */
export class RemoteFiles {
  readonly #parts: RemoteParts;
  readonly #checked = new Map<string, { file: FetchedFile; at: number }>();
  readonly #flights = new Map<string, Promise<FetchedFile>>();

  constructor(parts: RemoteParts) {
    this.#parts = parts;
  }

  /** The file of a URL; many who ask at once wait for one fetch. Throws BootFile with what went wrong. */
  at(url: string, what: string): Promise<FetchedFile> {
    const known = this.#checked.get(url);
    if (known !== undefined && this.#parts.clock.monotonic() - known.at < FRESH_MS) return Promise.resolve(known.file);
    const running = this.#flights.get(url);
    if (running !== undefined) return running;
    const flight = this.#look(url, what).finally(() => this.#flights.delete(url));
    this.#flights.set(url, flight);
    return flight;
  }

  async #look(url: string, what: string): Promise<FetchedFile> {
    const { folder, clock, log } = this.#parts;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const key = createHash('sha256').update(url).digest('hex').slice(0, 32);
    const before = await this.#kept(key);
    try {
      const facts = await this.#fetch(url, key, before);
      return await this.#found(facts);
    } catch (error) {
      if (before === null) throw errors.BootFile(what, messageOf(error), { cause: error });
      log.warn({ url: shown(url), err: error }, 'a file to boot could not be looked at again: the last copy is used');
      return await this.#found(before);
    } finally {
      await this.#forgetUnused(clock.now()).catch(() => {}); // the next fetch does it
    }
  }

  async #found(facts: Facts): Promise<FetchedFile> {
    const { folder, clock } = this.#parts;
    const file = { path: join(folder, facts.name), size: facts.size };
    const now = clock.now() / 1000;
    await utimes(file.path, now, now);
    this.#checked.set(facts.url, { file, at: clock.monotonic() });
    return file;
  }

  async #fetch(url: string, key: string, before: Facts | null): Promise<Facts> {
    const { folder, outbound, maxBytes } = this.#parts;
    const signal = AbortSignal.timeout(FETCH_MS);
    const validator = before?.validator ?? null;
    const condition: Record<string, string> =
      validator === null ? {} : { [validator.includes('"') ? 'if-none-match' : 'if-modified-since']: validator };
    const reply = await outbound.send(url, { signal, headers: { 'accept-encoding': 'identity', ...condition } });
    if (reply.status === 304 && before !== null) {
      reply.body.destroy();
      return before;
    }
    if (reply.status !== 200) {
      reply.body.destroy();
      throw new Error(`${shown(url)} answered ${reply.status}`);
    }
    const promised = Number(reply.headers['content-length'] ?? Number.NaN);
    const name = `${key}-${newUuid()}`;
    const part = join(folder, `${name}.part`);
    const handle = await open(part, 'wx', 0o600);
    let size = 0;
    try {
      for await (const piece of reply.body) {
        const bytes = piece as Buffer;
        size += bytes.length;
        if (size > maxBytes) throw new Error(`${shown(url)} is larger than ${maxBytes} bytes (boot.max_file_gib)`);
        await handle.write(bytes);
      }
      if (Number.isFinite(promised) && size !== promised)
        throw new Error(`${shown(url)} ended after ${size} of ${promised} bytes`);
      if (size === 0) throw new Error(`${shown(url)} is empty`);
      await handle.sync();
      await handle.close();
      await rename(part, join(folder, name));
    } catch (error) {
      await handle.close().catch(() => {}); // closed already
      await rm(part, { force: true });
      throw error;
    } finally {
      reply.body.destroy();
    }
    const facts: Facts = {
      url,
      name,
      size,
      validator: reply.headers['etag'] ?? reply.headers['last-modified'] ?? null,
    };
    const made = join(folder, `${key}.json`);
    await writeFile(`${made}.new`, JSON.stringify(facts), { mode: 0o600 });
    await rename(`${made}.new`, made);
    return facts;
  }

  async #kept(key: string): Promise<Facts | null> {
    const { folder } = this.#parts;
    const text = await readFile(join(folder, `${key}.json`), 'utf8').catch(() => null);
    if (text === null) return null;
    const facts = JSON.parse(text) as Facts;
    const found = await stat(join(folder, facts.name)).catch(() => null);
    return found?.size === facts.size ? facts : null;
  }

  /** Old copies of files that changed go in the same way: a machine may still be reading them now. */
  async #forgetUnused(now: number): Promise<void> {
    const { folder } = this.#parts;
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const found = await stat(path).catch(() => null);
      if (found !== null && now - found.mtimeMs > UNUSED_MS) await rm(path, { force: true });
    }
  }
}

/** A URL as people may see it: no credentials, no query. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
