import { createHmac } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { systemRandom } from '#kernel/random';
import type { Log } from '#platform/log';
import { errors } from '../errors.ts';
import { Lru } from '../lru.ts';
import { isKnownHash, MAX_PASSWORD_BYTES, type PasswordHasher } from '../passwords/hash.ts';
import { LoginThrottle, type ThrottleOptions } from '../passwords/throttle.ts';
import type { Authenticator } from './contract.ts';
import { systemAdmin } from './none.ts';

/** How long a verified password is believed without hashing it again. */
const REMEMBER_MS = 600_000;
const LOOK_EVERY_MS = 1_000;

/**
 * Reads a htpasswd file: `user:$2y$…` or `user:$scrypt$…` a line. Throws `ConfigInvalid` naming the line (never
 * its content) for hashes that are not safe, and for a user given twice.
 */
export function parseHtpasswd(file: string, text: string): Map<string, string> {
  const users = new Map<string, string>();
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const fail = (why: string) => errors.ConfigInvalid(`${file} line ${index + 1}: ${why}`);
    const colon = line.indexOf(':');
    if (colon <= 0) throw fail('write user:hash');
    const user = line.slice(0, colon);
    const hash = line.slice(colon + 1);
    if (!isKnownHash(hash)) throw fail('only bcrypt (htpasswd -B, cost up to 13) and scrypt hashes are accepted');
    if (users.has(user)) throw fail(`the user "${user}" is there twice`);
    users.set(user, hash);
  }
  return users;
}

/**
 * Splits `Authorization: Basic …`. Gives null for anything else: another scheme, several values (Node joins
 * repeated headers with a comma), text that is not base64 of UTF-8 with a colon.
 */
export function parseBasic(header: string | string[] | undefined): { user: string; password: string } | null {
  if (typeof header !== 'string') return null;
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  if (encoded === undefined || encoded.length > 2 * (MAX_PASSWORD_BYTES + 256)) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon <= 0 || text.includes('\uFFFD') || text.includes('\0')) return null;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

export interface HttpBasicOptions {
  file: string;
  clock: Clock;
  log: Log;
  hasher: PasswordHasher;
  throttle?: ThrottleOptions;
  realm?: string;
}

/**
 * Users of a htpasswd file; each is the system's admin, as with Ironic. The file is read again when it changes
 * (a file with a mistake is told in the log and the old one stays in force), and a password that was right is
 * not hashed again for ten minutes.
 */
export async function httpBasicAuthenticator(options: HttpBasicOptions): Promise<Authenticator> {
  const { file, clock, log, hasher } = options;
  const throttle = new LoginThrottle(clock, options.throttle);
  const key = systemRandom.bytes(32);
  const known = new Lru<number>(1_000);
  let users = new Map<string, string>();
  let version = '';
  let looked = 0;
  let loading: Promise<void> | undefined;

  const load = async (first: boolean): Promise<void> => {
    try {
      const { mtimeMs, size, ino, mode } = await stat(file);
      const found = `${mtimeMs}.${size}.${ino}`;
      if (found === version) return;
      if ((mode & 0o004) !== 0)
        log.warn({ file }, 'everybody on this host can read the password file; chmod it to 600');
      const text = await readFile(file, 'utf8');
      users = parseHtpasswd(file, text);
      version = found;
      if (!first) log.info({ file, users: users.size }, 'read the password file again');
    } catch (error) {
      if (first) throw errors.ConfigInvalid(`The password file cannot be used: ${messageOf(error)}`, { cause: error });
      log.error({ file, err: error }, 'the password file cannot be read; the users read before stay in force');
    }
  };
  await load(true);
  looked = clock.monotonic();

  const verify = async (user: string, password: string, source: string) => {
    const now = clock.monotonic();
    if (now - looked > LOOK_EVERY_MS) {
      loading ??= load(false).finally(() => {
        looked = clock.monotonic();
        loading = undefined;
      });
      await loading;
    }
    const hash = users.get(user) ?? null;
    const mark = createHmac('sha256', key).update(`${user}\0${hash}\0${password}`).digest('base64');
    const until = known.get(mark);
    if (hash !== null && until !== undefined && until > now) return systemAdmin(user);
    throttle.begin(source, user);
    let right: boolean;
    try {
      // A user who is not there costs the same kind of hash as one who is, or the time would tell.
      const decoy = users.values().next().value ?? null;
      right = (await hasher.verify(password, hash ?? decoy)) && hash !== null;
    } catch (error) {
      throttle.undecided(source, user);
      throw error;
    }
    if (!right) throw errors.Unauthorized();
    throttle.succeeded(source, user);
    known.set(mark, now + REMEMBER_MS);
    return systemAdmin(user);
  };

  return {
    authenticate(headers, source) {
      const given = parseBasic(headers['authorization']);
      if (given === null) throw errors.Unauthorized();
      return verify(given.user, given.password, source);
    },
    challenge: `Basic realm="${options.realm ?? 'Baremetal API'}"`,
    close: () => {},
  };
}
