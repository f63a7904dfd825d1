import { Pool } from 'undici';
import type { Clock } from '#kernel/clock';
import { IngotError, messageOf } from '#kernel/errors';
import type { KeystoneAccount, KeystoneClient } from '../keystone/client.ts';
import { neutronErrors as errors } from './errors.ts';

export interface NeutronClientOptions {
  /** `https://neutron.example:9696`, with or without `/v2.0`. Given by the operator: the only origin ever spoken to. */
  url: string;
  /** Whose tokens are sent; absent for a Neutron without authentication. */
  keystone?: { client: KeystoneClient; account: KeystoneAccount };
  clock: Clock;
  /** Milliseconds for one exchange, connecting included. */
  timeoutMs: number;
}

export type NeutronObject = Record<string, unknown>;
type Query = Readonly<Record<string, string>>;

/**
 * Speaks to a Neutron v2.0. Every exchange has a deadline, follows no redirect and reads a bounded answer. Throws
 * `NeutronUnreachable`, `NeutronAnswer`, `NeutronRefused` (its `details.status` and `details.type`).
 */
export interface NeutronClient {
  readonly url: string;
  list(collection: string, query: Query, signal: AbortSignal): Promise<NeutronObject[]>;
  /** Null when it is not there. */
  show(collection: string, id: string, signal: AbortSignal): Promise<NeutronObject | null>;
  create(collection: string, body: NeutronObject, signal: AbortSignal): Promise<NeutronObject>;
  update(collection: string, id: string, body: NeutronObject, signal: AbortSignal): Promise<NeutronObject>;
  /** Gone already is gone. */
  remove(collection: string, id: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Bytes of an answer. */
const MAX_BYTES = 16 * 1024 * 1024;
/** A token is renewed this long before it ends. */
const EARLY_MS = 60_000;

/** Makes a client; opens no connection yet. Throws TypeError for a URL that is none. */
export function neutronClient(options: NeutronClientOptions): NeutronClient {
  const { clock, timeoutMs, keystone } = options;
  const base = new URL(options.url);
  if (base.protocol !== 'http:' && base.protocol !== 'https:') throw new TypeError('the URL must be http or https');
  const prefix = `${base.pathname.replace(/\/+$/, '').replace(/\/v2\.0$/, '')}/v2.0`;
  const pool = new Pool(base.origin, {
    connections: 16,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  let token: Promise<{ token: string; expiresAt: number }> | undefined;

  const tokenNow = async (): Promise<string | undefined> => {
    if (keystone === undefined) return undefined;
    const held = await token?.catch(() => undefined);
    if (held !== undefined && held.expiresAt - EARLY_MS > clock.now()) return held.token;
    const asked = keystone.client.login(keystone.account);
    token = asked;
    return (await asked).token;
  };

  const exchange = async (method: string, path: string, body: unknown, signal: AbortSignal) => {
    const stopper = new AbortController();
    const cancel = clock.after(timeoutMs, () => stopper.abort(new Error(`no answer within ${timeoutMs} ms`)));
    try {
      const own = await tokenNow();
      const reply = await pool.request({
        method: method as 'GET',
        path,
        headers: {
          accept: 'application/json',
          ...(own === undefined ? {} : { 'x-auth-token': own }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, stopper.signal]),
      });
      const parts: Buffer[] = [];
      let size = 0;
      for await (const part of reply.body as AsyncIterable<Buffer>) {
        size += part.length;
        if (size > MAX_BYTES) throw errors.NeutronAnswer(`it is larger than ${MAX_BYTES} bytes`);
        parts.push(part);
      }
      return { status: reply.statusCode, body: parse(Buffer.concat(parts)) };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof IngotError) throw error;
      const why = stopper.signal.aborted ? messageOf(stopper.signal.reason) : messageOf(error);
      throw errors.NeutronUnreachable(why, { cause: error, retryAfter: 2 });
    } finally {
      cancel();
    }
  };

  const call = async (method: string, path: string, body: unknown, signal: AbortSignal) => {
    const first = await exchange(method, path, body, signal);
    if (first.status !== 401 || keystone === undefined) return first;
    // A token may be revoked before its time.
    token = undefined;
    return await exchange(method, path, body, signal);
  };
  const one = (kind: string, what: string, reply: { status: number; body: NeutronObject }): NeutronObject => {
    if (reply.status < 200 || reply.status > 299) throw refused(what, reply);
    const found = reply.body[kind];
    if (typeof found !== 'object' || found === null) throw errors.NeutronAnswer(`${what} gave no ${kind}`);
    return found as NeutronObject;
  };
  const single = (collection: string) => collection.replace(/s$/, '');
  const at = (collection: string, id: string) => `${prefix}/${collection}/${encodeURIComponent(id)}`;

  return {
    url: base.origin,
    async list(collection, query, signal) {
      const reply = await call(
        'GET',
        `${prefix}/${collection}?${new URLSearchParams(query).toString()}`,
        undefined,
        signal,
      );
      if (reply.status !== 200) throw refused(`a list of ${collection}`, reply);
      const found = reply.body[collection];
      if (!Array.isArray(found)) throw errors.NeutronAnswer(`no list of ${collection}`);
      return found as NeutronObject[];
    },
    async show(collection, id, signal) {
      const reply = await call('GET', at(collection, id), undefined, signal);
      return reply.status === 404 ? null : one(single(collection), `${single(collection)} ${id}`, reply);
    },
    async create(collection, body, signal) {
      const kind = single(collection);
      return one(kind, `a new ${kind}`, await call('POST', `${prefix}/${collection}`, { [kind]: body }, signal));
    },
    async update(collection, id, body, signal) {
      const kind = single(collection);
      return one(kind, `a change of ${kind} ${id}`, await call('PUT', at(collection, id), { [kind]: body }, signal));
    },
    async remove(collection, id, signal) {
      const reply = await call('DELETE', at(collection, id), undefined, signal);
      if (reply.status !== 404 && (reply.status < 200 || reply.status > 299)) {
        throw refused(`to delete ${single(collection)} ${id}`, reply);
      }
    },
    close: () => pool.destroy(),
  };
}

function parse(bytes: Buffer): NeutronObject {
  try {
    const value: unknown = bytes.length === 0 ? {} : JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as NeutronObject) : {};
  } catch {
    return {};
  }
}

function refused(what: string, { status, body }: { status: number; body: NeutronObject }): IngotError {
  const told = (body['NeutronError'] ?? body['error'] ?? {}) as { type?: unknown; message?: unknown } | string;
  const message = typeof told === 'string' ? told : String(told.message ?? 'no reason given');
  const type = typeof told === 'string' ? undefined : told.type;
  return errors.NeutronRefused(what, status, message.slice(0, 500), { details: { status, type: String(type ?? '') } });
}
