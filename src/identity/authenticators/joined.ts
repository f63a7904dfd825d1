import type { KnownCaller } from '#contracts/identity';
import type { Clock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import type { Log } from '#platform/log';
import { type KeystoneClient, keystoneClient, type ShownToken } from '#protocols/keystone/client';
import type { JoinedKeystone } from '../config.ts';
import { errors } from '../errors.ts';
import { Lru } from '../lru.ts';
import { type AccessCheck, type AskedRequest, compileAccessRules, type ServiceOfPath } from '../tokens/access-rules.ts';
import type { Authenticator } from './contract.ts';

const MAX_TOKENS = 10_000;
/** Fernet and JWS tokens of a Keystone stay well below; PKI tokens of old are not taken. */
const MAX_TOKEN_LENGTH = 8_192;
const TOKEN_FORM = /^[A-Za-z0-9_.=-]+$/;
/** Tokens that were no good are not asked about again for this long. */
const REFUSED_MS = 10_000;
/** Questions under way at once; more strangers than that wait elsewhere. */
const MAX_ASKING = 64;
/** Our own token is renewed this long before its end. */
const RENEW_MS = 60_000;

interface Known {
  caller: KnownCaller;
  accessCheck: AccessCheck | null;
  /** Milliseconds since the epoch. */
  goodUntil: number;
}

export interface JoinedOptions {
  joined: JoinedKeystone;
  clock: Clock;
  log: Log;
  serviceOfPath: ServiceOfPath;
  /** Name of the services' project; null when its accounts are not trusted for the whole system. */
  trustedProject: string | null;
}

/**
 * Callers by tokens of an existing Keystone, which is asked about each token once a minute at most. While it is
 * away, tokens asked about lately are still good; others get 503.
 */
export function joinedAuthenticator(options: JoinedOptions): Authenticator {
  const { joined, clock, log, serviceOfPath, trustedProject } = options;
  const timeoutMs = joined.timeoutMs ?? 5_000;
  const cacheMs = joined.cacheMs ?? 60_000;
  const client: KeystoneClient = keystoneClient({ url: joined.url, clock, timeoutMs });
  const known = new Lru<Known>(MAX_TOKENS);
  const refused = new Lru<number>(MAX_TOKENS);
  const asking = new Map<string, Promise<Known>>();
  let own: { token: string; expiresAt: number } | undefined;
  let loggingIn: Promise<string> | undefined;

  const ownToken = async (fresh: boolean): Promise<string> => {
    if (!fresh && own !== undefined && own.expiresAt - RENEW_MS > clock.now()) return own.token;
    loggingIn ??= client
      .login(joined)
      .then((got) => {
        own = got;
        return got.token;
      })
      .finally(() => {
        loggingIn = undefined;
      });
    return loggingIn;
  };

  const show = async (token: string): Promise<ShownToken | null> => {
    try {
      return await client.show(await ownToken(false), token);
    } catch (error) {
      // Our token may have been revoked, or Keystone has changed its keys: once more with a new one.
      if (!(error instanceof IngotError) || error.code !== 'KeystoneRefused') throw error;
      return client.show(await ownToken(true), token);
    }
  };

  const ask = async (token: string): Promise<Known> => {
    let shown: ShownToken | null;
    try {
      shown = await show(token);
    } catch (error) {
      log.error({ err: error }, 'the identity service could not be asked about a token');
      const why = error instanceof IngotError ? error.code : 'unknown';
      throw errors.KeystoneUnavailable(why, { cause: error, retryAfter: 2 });
    }
    const now = clock.now();
    if (shown === null || Date.parse(shown.expires_at) <= now) {
      refused.set(token, clock.monotonic() + REFUSED_MS);
      throw errors.Unauthorized();
    }
    const rules = shown.application_credential?.access_rules;
    const found: Known = {
      caller: callerOf(shown, trustedProject),
      accessCheck: rules === undefined ? null : compileAccessRules(rules, serviceOfPath),
      goodUntil: Math.min(Date.parse(shown.expires_at), now + cacheMs),
    };
    known.set(token, found);
    return found;
  };

  const admit = (found: Known, request: AskedRequest | undefined): KnownCaller => {
    if (found.accessCheck !== null && !found.accessCheck(request)) throw errors.Unauthorized();
    return found.caller;
  };

  return {
    authenticate(headers, _source, request) {
      const token = headers['x-auth-token'];
      if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH || !TOKEN_FORM.test(token)) {
        throw errors.Unauthorized();
      }
      const found = known.get(token);
      if (found !== undefined && found.goodUntil > clock.now()) return admit(found, request);
      if ((refused.peek(token) ?? 0) > clock.monotonic()) throw errors.Unauthorized();
      let question = asking.get(token);
      if (question === undefined) {
        if (asking.size >= MAX_ASKING) throw errors.LoginBusy({ retryAfter: 2 });
        question = ask(token).finally(() => asking.delete(token));
        asking.set(token, question);
      }
      return question.then((answer) => admit(answer, request));
    },
    challenge: `Keystone uri="${joined.url}"`,
    close: () => client.close(),
  };
}

function callerOf(shown: ShownToken, trustedProject: string | null): KnownCaller {
  const { user, project, domain, system, application_credential: credential } = shown;
  const auditIds = shown.audit_ids ?? [];
  return {
    userId: user.id,
    userName: user.name,
    projectId: project?.id ?? null,
    domainId: domain?.id ?? null,
    system: system?.all === true,
    roles: new Set((shown.roles ?? []).map((role) => role.name.toLowerCase())),
    auditId: auditIds[0] ?? null,
    projectName: project?.name ?? null,
    projectDomainId: project?.domain.id ?? null,
    userDomainId: user.domain.id,
    // Only when Keystone itself says so: it then knows which project is the operators' own.
    adminProject: shown.is_admin_project === true,
    serviceProject: trustedProject !== null && project?.name === trustedProject && project.domain.id === 'default',
    token: {
      methods: shown.methods ?? [],
      auditIds,
      issuedAt: Date.parse(shown.issued_at ?? '') || 0,
      expiresAt: Date.parse(shown.expires_at),
      applicationCredentialId: credential?.id ?? null,
      restricted: credential !== undefined && credential.restricted !== false,
    },
  };
}
