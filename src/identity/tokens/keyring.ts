import { createPublicKey, type JsonWebKeyInput, type KeyObject, verify as verifySignature } from 'node:crypto';
import {
  type CompactJWSHeaderParameters,
  CompactSign,
  compactVerify,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import type { Clock } from '#kernel/clock';
import { newUuid } from '#kernel/ids';
import type { Log } from '#platform/log';
import type { Sealer, Store, Tx } from '#store/contract';
import { errors } from '../errors.ts';
import { noteChange } from '../store/changes.ts';

type Key = Awaited<ReturnType<typeof importJWK>>;

/** A new key is known to all processes this long before it signs. */
const INTRODUCE_MS = 60_000;
const DAY_MS = 86_400_000;
const RELOAD_EVERY_MS = 1_000;
/** Any number; the same in every process. */
const ROTATION_LOCK = 0x1de2_0031;

export interface KeyringOptions {
  store: Store;
  sealer: Sealer;
  clock: Clock;
  log: Log;
  /** Milliseconds a key signs before the next one takes over. */
  rotationMs: number;
  /** Milliseconds after which the last token of an old key has certainly expired. */
  keepMs: number;
}

/** What `sign` writes before the first dot. */
const headOf = (kid: string): string => Buffer.from(JSON.stringify({ alg: 'ES256', kid })).toString('base64url');

interface Loaded {
  kid: string;
  publicKey: Key;
  privateKey: Key;
  /** The public key for verifying on the spot. */
  verifier: KeyObject;
  /** Milliseconds. */
  signsFrom: number;
}

/** Signs and verifies tokens: JWS, ES256. Keys live sealed in the database and are shared by all processes. */
export interface Keyring {
  sign(payload: string): Promise<string>;
  /** The payload, or null when no key of ours signed it. */
  verify(token: string): Promise<string | null>;
  /**
   * The same on the spot, without a turn through another thread, which on a busy machine takes longer than the
   * signature. Undefined for a token whose head is not, letter for letter, what `sign` writes: ask `verify`.
   */
  verifyHere(token: string): string | null | undefined;
  /** Reads the keys again. */
  reload(): Promise<void>;
  /** Makes the next key when it is time, or now with `force`. Gives its id, or null when it was not time. */
  rotate(force?: boolean): Promise<string | null>;
  close(): void;
}

/** Opens the keyring; makes the first key when there is none. */
export async function openKeyring(options: KeyringOptions): Promise<Keyring> {
  const { store, sealer, clock, log } = options;
  let keys = new Map<string, Loaded>();
  let verifiers = new Map<string, KeyObject>();
  let loadedAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | undefined;

  const load = async () => {
    const rows = await store.query<{ kid: string; public_jwk: string; private_sealed: string; signs_from: string }>({
      name: 'identity_keys',
      text: 'select kid, public_jwk, private_sealed, signs_from from identity_keys where verifies_until is null or verifies_until > now()',
    });
    const next = new Map<string, Loaded>();
    for (const row of rows) {
      const old = keys.get(row.kid);
      next.set(row.kid, old ?? (await open(row)));
    }
    keys = next;
    verifiers = new Map([...next.values()].map(({ kid, verifier }) => [headOf(kid), verifier]));
    loadedAt = clock.monotonic();
  };
  const open = async (row: { kid: string; public_jwk: string; private_sealed: string; signs_from: string }) => ({
    kid: row.kid,
    publicKey: await importJWK(JSON.parse(row.public_jwk) as JWK, 'ES256'),
    verifier: createPublicKey({ key: JSON.parse(row.public_jwk) as JsonWebKeyInput['key'], format: 'jwk' }),
    privateKey: await importJWK(sealer.open<JWK>(row.private_sealed, `identity_key:${row.kid}`), 'ES256'),
    signsFrom: Date.parse(row.signs_from),
  });
  const reload = () => {
    loading ??= load().finally(() => {
      loading = undefined;
    });
    return loading;
  };

  const signer = (): Loaded => {
    let best: Loaded | undefined;
    const now = clock.now();
    for (const key of keys.values()) {
      if (key.signsFrom <= now && (best === undefined || key.signsFrom > best.signsFrom)) best = key;
    }
    // A clock that went back: the oldest is known everywhere.
    best ??= [...keys.values()].sort((a, b) => a.signsFrom - b.signsFrom)[0];
    if (best === undefined) throw errors.ConfigInvalid('There is no key to sign tokens with');
    return best;
  };

  const insertKey = async (tx: Tx, signsFrom: number): Promise<string> => {
    const kid = newUuid().replaceAll('-', '').slice(0, 12);
    const pair = await generateKeyPair('ES256', { extractable: true });
    const sealed = sealer.seal(await exportJWK(pair.privateKey), `identity_key:${kid}`);
    const seconds = (ms: number) => ms / 1000;
    await tx.query({
      text: `update identity_keys set verifies_until = to_timestamp($1::float8) where verifies_until is null`,
      values: [seconds(signsFrom + options.keepMs)],
    });
    await tx.query({
      text: `insert into identity_keys (kid, public_jwk, private_sealed, signs_from) values ($1, $2, $3, to_timestamp($4::float8))`,
      values: [kid, JSON.stringify(await exportJWK(pair.publicKey)), sealed, seconds(signsFrom)],
    });
    await tx.query({ text: `delete from identity_keys where verifies_until < now() - interval '1 day'` });
    await noteChange(tx, 'keys', kid);
    return kid;
  };

  const rotate = async (force = false): Promise<string | null> => {
    const kid = await store.tx(async (tx) => {
      await tx.query({ text: 'select pg_advisory_xact_lock($1)', values: [ROTATION_LOCK] });
      const [newest] = await tx.query<{ signs_from: string }>({
        text: 'select signs_from from identity_keys order by signs_from desc limit 1',
      });
      const now = clock.now();
      if (newest === undefined) return insertKey(tx, now);
      if (!force && Date.parse(newest.signs_from) + options.rotationMs > now + INTRODUCE_MS) return null;
      return insertKey(tx, now + INTRODUCE_MS);
    });
    await reload();
    if (kid !== null) log.info({ kid }, 'made a new key for tokens');
    return kid;
  };

  await rotate();
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const stop = clock.every(Math.min(options.rotationMs, DAY_MS / 24), () => {
    rotate().catch((error: unknown) => log.warn({ err: error }, 'the keys for tokens could not be looked after'));
  });

  return {
    async sign(payload) {
      const { kid, privateKey } = signer();
      return new CompactSign(encoder.encode(payload)).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
    },
    async verify(token) {
      try {
        const { payload } = await compactVerify(token, (header) => keyOf(header), { algorithms: ['ES256'] });
        return decoder.decode(payload);
      } catch (error) {
        if (typeof (error as { status?: unknown }).status === 'number') throw error;
        return null;
      }
    },
    verifyHere(token) {
      const [head = '', body = '', signature = ''] = token.split('.');
      const key = verifiers.get(head);
      if (key === undefined) return undefined;
      const signed = Buffer.from(`${head}.${body}`, 'latin1');
      const good = verifySignature(
        'sha256',
        signed,
        { key, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      );
      return good ? Buffer.from(body, 'base64url').toString() : null;
    },
    reload,
    rotate,
    close: stop,
  };

  async function keyOf(header: CompactJWSHeaderParameters | undefined): Promise<Key> {
    const kid = header?.kid;
    if (typeof kid !== 'string') throw new Error('no key id');
    let key = keys.get(kid);
    // Another process may have made it a moment ago. Strangers' tokens must not make us ask each time.
    if (key === undefined && clock.monotonic() - loadedAt > RELOAD_EVERY_MS) {
      await reload();
      key = keys.get(kid);
    }
    if (key === undefined) throw new Error('unknown key');
    return key.publicKey;
  }
}
