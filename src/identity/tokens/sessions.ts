import type { KnownCaller } from '#contracts/identity';
import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { Store } from '#store/contract';
import { errors } from '../errors.ts';
import { Lru } from '../lru.ts';
import { CHANGE_TOPIC, type NotedChange, readChanges } from '../store/changes.ts';
import { readRevocations } from '../store/revocations.ts';
import { readSession, type SessionRow } from '../store/session.ts';
import { type AccessCheck, type AccessRule, compileAccessRules, type ServiceOfPath } from './access-rules.ts';
import { type Claims, decodeClaims } from './claims.ts';
import type { Keyring } from './keyring.ts';
import { KnownFacts, MAX_REVOCATIONS } from './known-facts.ts';

/** A good token, with all that is known of it. */
export interface Session {
  claims: Claims;
  row: SessionRow;
  roles: readonly { id: string; name: string }[];
  caller: KnownCaller;
  /** Milliseconds since the epoch: the token's end, or that of its application credential. */
  expiresAt: number;
  /** Present when only some requests are allowed. */
  accessCheck: AccessCheck | null;
  accessRules: readonly AccessRule[] | null;
}

/** Remembered tokens are trusted as long as the changes were read within this. */
const FRESH_MS = 1_000;
/** From this age on they are read again in the background, so that requests seldom wait for it. */
const REFRESH_MS = 500;
const MAX_TOKENS = 10_000;
/** No token of ours is longer; anything more is not looked at. */
const MAX_TOKEN_LENGTH = 2_048;
const TOKEN_FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
/** Changes older than this may have been pruned: forget everything instead. */
const PRUNED_MS = 12 * 3_600_000;
/** Revocations are read again after this, so that those whose tokens have ended anyway are let go. */
const REVOCATIONS_MS = 6 * 3_600_000;

export interface SessionsOptions {
  store: Store;
  keyring: Keyring;
  clock: Clock;
  log: Log;
  serviceOfPath: ServiceOfPath;
  /** Do accounts in the services' project count as the system's? */
  trustServiceProject: boolean;
  /** How long an expired token may still be asked about by services, milliseconds. */
  expiredWindowMs?: number;
  /** Told of changes that are not about tokens (catalog, limits). */
  onChange?: (change: NotedChange) => void;
}

/**
 * Good tokens, remembered. A token is verified when it is first seen, and its truth read unless another token of the
 * same user and scope brought it; after that it costs a look into a map. What may make a remembered one wrong is written into `identity_changes` with the change
 * itself: the change feed wakes us, and no remembered token is trusted unless those changes were read within the
 * last second. So a lost notification, or a connection that died unnoticed, delays a revocation by a second at most.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #remembered = new Lru<Session>(MAX_TOKENS);
  readonly #known = new KnownFacts();
  #revocationsAt = Number.NEGATIVE_INFINITY;
  /** Rises whenever something was forgotten; what was read before must then not be remembered. */
  #generation = 0;
  #cursor: string | null = null;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  /** Changes announced, and how many of them were certainly read: a remembered token needs both to be equal. */
  #announced = 0;
  #applied = 0;
  #seen = new Set<string>();
  readonly #unsubscribe: () => void;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#unsubscribe = options.store.changes.subscribe(CHANGE_TOPIC, () => {
      this.#announced++;
      this.#wake();
    });
  }

  /** The session of a token. Answers at once when it is remembered. Throws `Unauthorized`. */
  find(token: string): Session | Promise<Session> {
    const { clock } = this.#options;
    const age = clock.monotonic() - this.#readAt;
    if (age < FRESH_MS && this.#applied === this.#announced) {
      const session = this.#remembered.peek(token);
      if (age > REFRESH_MS) this.#wake();
      if (session !== undefined && session.expiresAt > clock.now()) return session;
      const met = this.#meet(token);
      if (met !== undefined) return met;
    }
    return this.#findSlowly(token);
  }

  /** A new token of a user and scope that are known: no statement, no turn of the loop. Undefined when they are not. */
  #meet(token: string): Session | undefined {
    if (token.length > MAX_TOKEN_LENGTH || !TOKEN_FORM.test(token)) throw errors.Unauthorized();
    const text = this.#options.keyring.verifyHere(token);
    if (text === undefined) return undefined;
    const claims = text === null ? null : decodeClaims(text);
    if (claims === null) throw errors.Unauthorized();
    const row = this.#known.find(claims);
    if (row === undefined) return undefined;
    const session = this.#judge(claims, { ...row, now: Math.max(row.now, this.#options.clock.now()) }, 0);
    if (session === null) throw errors.Unauthorized();
    this.#remembered.set(token, session);
    return session;
  }

  /** Number of tokens remembered. */
  get size(): number {
    return this.#remembered.size;
  }

  /** Verifies a token without remembering it; `allowExpired` for services that finish what began in time. */
  async examine(token: string, allowExpired: boolean): Promise<Session | null> {
    const claims = await this.#claimsOf(token);
    if (claims === null) return null;
    return this.#load(claims, allowExpired ? (this.#options.expiredWindowMs ?? 172_800_000) : 0);
  }

  /** Reads the changes when the last reading is too old, or one was announced since. */
  async freshen(): Promise<void> {
    while (!this.#isFresh()) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
  }

  #isFresh(): boolean {
    const age = this.#options.clock.monotonic() - this.#readAt;
    return age < FRESH_MS && this.#applied === this.#announced;
  }

  close(): void {
    this.#unsubscribe();
    this.#remembered.clear();
    this.#known.forget(() => true);
  }

  /** Reads in the background. */
  #wake(): void {
    this.#reading ??= this.#read()
      // Nothing to do: without fresh changes no remembered token is trusted.
      .catch((error: unknown) => this.#options.log.debug({ err: error }, 'changes of identity could not be read'))
      .finally(() => {
        this.#reading = undefined;
      });
  }

  async #findSlowly(token: string): Promise<Session> {
    if (token.length > MAX_TOKEN_LENGTH || !TOKEN_FORM.test(token)) throw errors.Unauthorized();
    const { clock } = this.#options;
    await this.freshen();
    const known = this.#remembered.get(token);
    if (known !== undefined && known.expiresAt > clock.now()) return known;
    const generation = this.#generation;
    const claims = await this.#claimsOf(token);
    const session = claims === null ? null : await this.#load(claims, 0);
    if (claims === null || session === null) throw errors.Unauthorized();
    // Something changed while we were reading: this answer is as good as the moment it was asked, no longer.
    if (generation === this.#generation) {
      this.#remembered.set(token, session);
      this.#known.keep(claims, session.row);
    }
    return session;
  }

  async #claimsOf(token: string): Promise<Claims | null> {
    if (token.length > MAX_TOKEN_LENGTH || !TOKEN_FORM.test(token)) return null;
    const { keyring } = this.#options;
    const here = keyring.verifyHere(token);
    const text = here === undefined ? await keyring.verify(token) : here;
    return text === null ? null : decodeClaims(text);
  }

  async #load(claims: Claims, graceMs: number): Promise<Session | null> {
    const { store } = this.#options;
    if (claims.expiresAt + graceMs <= this.#options.clock.now()) return null;
    const row = await readSession(store, claims.userId, claims, claims.credentialId, claims.auditIds);
    return row === undefined ? null : this.#judge(claims, row, graceMs);
  }

  #judge(claims: Claims, row: SessionRow, graceMs: number): Session | null {
    if (row.revoked || claims.expiresAt + graceMs <= row.now) return null;
    if (row.tokens_after !== null && claims.issuedAt <= row.tokens_after) return null;
    return makeSession(claims, row, this.#options.serviceOfPath, this.#options.trustServiceProject);
  }

  async #read(): Promise<void> {
    const { store, clock } = this.#options;
    const started = clock.monotonic();
    const announced = this.#announced;
    const gap = started - this.#readAt > PRUNED_MS;
    const { cursor, changes } = await readChanges(store, gap ? null : this.#cursor);
    if (gap || this.#cursor === null) this.#forget(() => true);
    // After the cursor: what is committed from here on comes with the changes.
    if (gap || started - this.#revocationsAt > REVOCATIONS_MS) {
      this.#known.setRevocations(await readRevocations(store, MAX_REVOCATIONS + 1));
      this.#revocationsAt = started;
    }
    const seen = new Set<string>();
    for (const change of changes) {
      seen.add(change.id);
      if (!this.#seen.has(change.id)) this.#apply(change);
    }
    this.#seen = seen;
    this.#cursor = cursor;
    // The age counts from before the reading: what was committed after it began is not in it.
    this.#readAt = started;
    this.#applied = announced;
  }

  #apply(change: NotedChange): void {
    const { kind, subject } = change;
    this.#options.onChange?.(change);
    if (kind === 'all') this.#forget(() => true);
    else if (kind === 'user') this.#forget(({ claims }) => claims.userId === subject);
    else if (kind === 'project') this.#forget(({ claims }) => claims.projectId === subject);
    else if (kind === 'token') this.#takeBack(subject, false);
    else if (kind === 'chain') this.#takeBack(subject, true);
    else if (kind === 'credential') this.#forget(({ claims }) => claims.credentialId === subject);
    else if (kind === 'keys') this.#options.keyring.reload().catch(() => {});
  }

  #forget(test: (fact: { claims: Claims }) => boolean): void {
    this.#generation++;
    this.#remembered.removeWhere(test);
    this.#known.forget(test);
  }

  #takeBack(auditId: string, chain: boolean): void {
    this.#generation++;
    this.#known.addRevocation(auditId, chain);
    this.#remembered.removeWhere(({ claims }) => claims.auditIds.at(chain ? -1 : 0) === auditId);
  }
}

/** Joins claims and truth; null when they no longer give a right to anything. */
export function makeSession(
  claims: Claims,
  row: SessionRow,
  serviceOfPath: ServiceOfPath,
  trustServiceProject: boolean,
): Session | null {
  if (!row.user_enabled || !row.user_domain_enabled) return null;
  const scoped = claims.projectId !== null || claims.domainId !== null || claims.system;
  if (claims.projectId !== null && (row.project_enabled !== true || row.scope_domain_enabled !== true)) return null;
  if (claims.domainId !== null && row.scope_domain_enabled !== true) return null;
  const roles = JSON.parse(row.roles) as { id: string; name: string }[];
  if (scoped && roles.length === 0) return null;
  let expiresAt = claims.expiresAt;
  let accessRules: AccessRule[] | null = null;
  if (claims.credentialId !== null) {
    if (row.credential_id === null) return null;
    if (row.credential_expires !== null) {
      if (row.credential_expires <= row.now) return null;
      expiresAt = Math.min(expiresAt, row.credential_expires);
    }
    if (row.access_rules !== null) accessRules = JSON.parse(row.access_rules) as AccessRule[];
  }
  const caller: KnownCaller = {
    userId: claims.userId,
    userName: row.user_name,
    projectId: claims.projectId,
    domainId: claims.domainId,
    system: claims.system,
    roles: new Set(roles.map((role) => role.name.toLowerCase())),
    auditId: claims.auditIds[0] ?? null,
    projectName: row.project_name,
    projectDomainId: claims.projectId === null ? null : row.scope_domain_id,
    userDomainId: row.user_domain_id,
    adminProject: row.project_purpose === 'admin',
    serviceProject: trustServiceProject && row.project_purpose === 'service',
    token: {
      methods: claims.methods,
      auditIds: claims.auditIds,
      issuedAt: claims.issuedAt,
      expiresAt,
      applicationCredentialId: claims.credentialId,
      restricted: claims.credentialId !== null && row.credential_unrestricted !== true,
    },
  };
  const accessCheck = accessRules === null ? null : compileAccessRules(accessRules, serviceOfPath);
  return { claims, row, roles, caller, expiresAt, accessCheck, accessRules };
}
