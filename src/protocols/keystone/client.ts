import { Pool } from 'undici';
import type { Clock } from '#kernel/clock';
import { IngotError, messageOf } from '#kernel/errors';
import type { Secret } from '#kernel/secret';
import { keystoneErrors } from './errors.ts';

/** A token as Keystone shows it; only what we read. */
export interface ShownToken {
  methods?: string[];
  expires_at: string;
  issued_at?: string;
  audit_ids?: string[];
  user: { id: string; name: string; domain: { id: string; name: string } };
  project?: { id: string; name: string; domain: { id: string; name: string } };
  domain?: { id: string; name: string };
  system?: { all?: boolean };
  roles?: { id: string; name: string }[];
  is_admin_project?: boolean;
  application_credential?: {
    id: string;
    restricted?: boolean;
    access_rules?: { id: string; service: string; method: string; path: string }[];
  };
}

/** The account we ask as. */
export interface KeystoneAccount {
  userName: string;
  password: Secret;
  userDomainName: string;
  projectName: string;
  projectDomainName: string;
}

export interface KeystoneClientOptions {
  /** `https://keystone.example/identity` or with `/v3`. Given by the operator: the only origin ever spoken to. */
  url: string;
  clock: Clock;
  /** Milliseconds for one exchange, connecting included. */
  timeoutMs: number;
  /** Connections at most. Default 8. */
  connections?: number;
}

/** Bytes of an answer: catalogs are large, but not that large. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Asks a Keystone v3. Every exchange has a deadline, follows no redirect and reads a bounded answer. */
export interface KeystoneClient {
  /** Logs in with a password. Throws `KeystoneRefused` when the account is not accepted. */
  login(account: KeystoneAccount): Promise<{ token: string; expiresAt: number }>;
  /** Shows a token, asked with our own; null when it is not good. Throws `KeystoneRefused` when ours is not. */
  show(ownToken: string, subject: string): Promise<ShownToken | null>;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
}

/** Makes a client; opens no connection yet. Throws TypeError for a URL that is none. */
export function keystoneClient(options: KeystoneClientOptions): KeystoneClient {
  const { clock, timeoutMs } = options;
  const base = new URL(options.url);
  if (base.protocol !== 'http:' && base.protocol !== 'https:') throw new TypeError('the URL must be http or https');
  const path = `${base.pathname.replace(/\/+$/, '').replace(/\/v3$/, '')}/v3/auth/tokens`;
  const pool = new Pool(base.origin, {
    connections: options.connections ?? 8,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    keepAliveTimeout: 30_000,
  });

  const exchange = async (method: 'GET' | 'POST', headers: Record<string, string>, body?: unknown): Promise<Answer> => {
    const stopper = new AbortController();
    const cancel = clock.after(timeoutMs, () => stopper.abort(new Error(`no answer within ${timeoutMs} ms`)));
    try {
      const reply = await pool.request({
        method,
        path,
        headers: {
          accept: 'application/json',
          ...headers,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: stopper.signal,
      });
      const parts: Buffer[] = [];
      let size = 0;
      for await (const part of reply.body as AsyncIterable<Buffer>) {
        size += part.length;
        if (size > MAX_BYTES) throw keystoneErrors.KeystoneAnswer(`it is larger than ${MAX_BYTES} bytes`);
        parts.push(part);
      }
      return { status: reply.statusCode, headers: reply.headers, body: parse(Buffer.concat(parts)) };
    } catch (error) {
      if (error instanceof IngotError) throw error;
      const why = stopper.signal.aborted ? messageOf(stopper.signal.reason) : describe(error);
      throw keystoneErrors.KeystoneUnreachable(why, { cause: error, retryAfter: 2 });
    } finally {
      cancel();
    }
  };

  return {
    async login(account) {
      const reply = await exchange('POST', {}, loginBody(account));
      if (reply.status === 401 || reply.status === 403) throw keystoneErrors.KeystoneRefused(`status ${reply.status}`);
      const token = reply.headers['x-subject-token'];
      if (reply.status !== 201 || typeof token !== 'string') throw odd(reply);
      return { token, expiresAt: Date.parse(tokenOf(reply).expires_at) };
    },
    async show(ownToken, subject) {
      const reply = await exchange('GET', {
        'x-auth-token': ownToken,
        'x-subject-token': subject,
        // Keystone shows tokens with access rules only to who says that it heeds them.
        'openstack-identity-access-rules': '1.0',
      });
      if (reply.status === 200) return tokenOf(reply);
      if (reply.status === 404) return null;
      if (reply.status === 401 || reply.status === 403) throw keystoneErrors.KeystoneRefused(`status ${reply.status}`);
      throw odd(reply);
    },
    close: () => pool.destroy(),
  };
}

function loginBody(account: KeystoneAccount): unknown {
  const { userName, password, userDomainName, projectName, projectDomainName } = account;
  return {
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { name: userName, domain: { name: userDomainName }, password: password.reveal() } },
      },
      scope: { project: { name: projectName, domain: { name: projectDomainName } } },
    },
  };
}

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The token of an answer, when it has the parts nobody can do without. */
function tokenOf(reply: Answer): ShownToken {
  const token = (reply.body as { token?: Partial<ShownToken> } | undefined)?.token;
  const { user, expires_at } = token ?? {};
  const whole =
    typeof user?.id === 'string' &&
    typeof user.name === 'string' &&
    typeof user.domain?.id === 'string' &&
    typeof expires_at === 'string' &&
    !Number.isNaN(Date.parse(expires_at));
  if (!whole) throw keystoneErrors.KeystoneAnswer('the token lacks its user or its end');
  return token as ShownToken;
}

function odd(reply: Answer): IngotError {
  if (reply.status >= 500 || reply.status === 429) {
    return keystoneErrors.KeystoneUnreachable(`it answered ${reply.status}`, { retryAfter: 2 });
  }
  return keystoneErrors.KeystoneAnswer(`status ${reply.status}`);
}

/** What went wrong on the wire, without addresses of ours or text of theirs. */
function describe(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : 'the connection failed';
}
