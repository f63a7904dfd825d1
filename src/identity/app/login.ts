import { errors } from '../errors.ts';
import { optionsOf } from '../model/options.ts';
import {
  findDomainId,
  findLoginCredential,
  findLoginUser,
  findProjectId,
  type LoginUser,
  type NamedThing,
} from '../store/lookups.ts';
import { readSession, type ScopeIds } from '../store/session.ts';
import { type Claims, encodeClaims, type Method } from '../tokens/claims.ts';
import { makeSession, type Session } from '../tokens/sessions.ts';
import type { Room } from './room.ts';

/** The body of `POST /v3/auth/tokens`, below `auth`. */
export interface LoginRequest {
  identity: {
    methods: string[];
    password?: { user: NamedThing & { password: string } };
    token?: { id: string };
    application_credential?: { id?: string; name?: string; secret: string; user?: NamedThing };
  };
  scope?: 'unscoped' | { unscoped?: object; project?: NamedThing; domain?: NamedThing; system?: { all?: boolean } };
}

export interface Login {
  token: string;
  session: Session;
}

/** What the methods of a login have proven. */
interface Proof {
  userId: string;
  defaultProjectId: string | null;
  /** Set by the method `token`: the token it was proven with. */
  from: Session | null;
  credential: { id: string; projectId: string } | null;
}

const UNSCOPED: ScopeIds = { projectId: null, domainId: null, system: false };

/**
 * Logs in: proves who it is by all methods named, finds the scope, and signs a token. Whatever is wrong about
 * the user, the password or the scope, the answer is the same `Unauthorized`; only a right password that has
 * expired is told apart.
 */
export async function login(room: Room, request: LoginRequest, source: string): Promise<Login> {
  const methods = [...new Set(request.identity.methods)];
  if (methods.length === 0) throw errors.Invalid('At least one authentication method is needed.');
  await room.sessions.freshen();
  const proofs: Proof[] = [];
  for (const method of methods) proofs.push(await prove(room, request, method, source));
  const [first] = proofs;
  if (first === undefined || proofs.some((other) => other.userId !== first.userId)) throw errors.Unauthorized();
  const proof: Proof = {
    ...first,
    from: proofs.find((other) => other.from !== null)?.from ?? null,
    credential: proofs.find((other) => other.credential !== null)?.credential ?? null,
  };
  const used = new Set<Method>([...(methods as Method[]), ...(proof.from?.claims.methods ?? [])]);
  const { scope, asked } = await scopeOf(room, request, proof);
  const session = await open(room, proof, scope, [...used]);
  if (session !== null) return session;
  // A default project one has no role in, or that is disabled, is no reason to fail.
  const unscoped = asked ? null : await open(room, proof, UNSCOPED, [...used]);
  if (unscoped === null) throw errors.Unauthorized();
  return unscoped;
}

function prove(room: Room, request: LoginRequest, method: string, source: string): Promise<Proof> {
  switch (method) {
    case 'password':
      return byPassword(room, request, source);
    case 'token':
      return byToken(room, request);
    case 'application_credential':
      return byCredential(room, request, source);
    default:
      throw errors.Unauthorized();
  }
}

async function byPassword(room: Room, request: LoginRequest, source: string): Promise<Proof> {
  const given = request.identity.password?.user;
  if (given === undefined) throw errors.Invalid('"password" needs a user.');
  const user = await checkUserPassword(room, given, given.password, source);
  const ignoresExpiry = optionsOf(user.options)['ignore_password_expiry'] === true;
  const expired = user.password_expires !== null && user.password_expires <= room.clock.now() && !ignoresExpiry;
  if (expired || user.password_must_change) {
    throw errors.PasswordExpired(user.id);
  }
  return { userId: user.id, defaultProjectId: user.default_project_id, from: null, credential: null };
}

/** Checks a password, slowed down for who guesses. Gives the user; throws `Unauthorized`. */
export async function checkUserPassword(
  room: Room,
  named: NamedThing,
  password: string,
  source: string,
): Promise<LoginUser> {
  const key = named.id ?? `${named.domain?.id ?? named.domain?.name ?? ''}/${named.name ?? ''}`;
  room.throttle.begin(source, key);
  try {
    const user = await findLoginUser(room.store, named);
    const right = await room.hasher.verify(password, user?.password_hash ?? null);
    if (user === undefined || !right || !user.enabled || !user.domain_enabled) throw errors.Unauthorized();
    room.throttle.succeeded(source, key);
    return user;
  } catch (error) {
    if ((error as { status?: number }).status !== 401) room.throttle.undecided(source, key);
    throw error;
  }
}

async function byToken(room: Room, request: LoginRequest): Promise<Proof> {
  const id = request.identity.token?.id;
  if (id === undefined) throw errors.Invalid('"token" needs an id.');
  const session = await room.sessions.find(id);
  const { claims, row } = session;
  const credential =
    claims.credentialId !== null && claims.projectId !== null
      ? { id: claims.credentialId, projectId: claims.projectId }
      : null;
  return { userId: claims.userId, defaultProjectId: row.default_project_id, from: session, credential };
}

async function byCredential(room: Room, request: LoginRequest, source: string): Promise<Proof> {
  const given = request.identity.application_credential;
  if (given === undefined) throw errors.Invalid('"application_credential" needs an id or a name.');
  if (given.id === undefined && (given.name === undefined || given.user === undefined)) {
    throw errors.Invalid('An application credential needs its id, or its name and its user.');
  }
  const key = `credential/${given.id ?? `${given.user?.id ?? given.user?.name ?? ''}/${given.name ?? ''}`}`;
  room.throttle.begin(source, key);
  try {
    const userId =
      given.id !== undefined || given.user === undefined
        ? undefined
        : (await findLoginUser(room.store, given.user))?.id;
    const found = await findLoginCredential(room.store, given.id, given.name, userId);
    const right = await room.hasher.verify(given.secret, found?.secret_hash ?? null);
    if (found === undefined || !right) throw errors.Unauthorized();
    if (found.expires !== null && found.expires <= room.clock.now()) throw errors.Unauthorized();
    room.throttle.succeeded(source, key);
    const credential = { id: found.id, projectId: found.project_id };
    return { userId: found.user_id, defaultProjectId: null, from: null, credential };
  } catch (error) {
    if ((error as { status?: number }).status !== 401) room.throttle.undecided(source, key);
    throw error;
  }
}

/** The scope asked for, or the user's default project. `asked` false: it may be given up. */
async function scopeOf(room: Room, request: LoginRequest, proof: Proof): Promise<{ scope: ScopeIds; asked: boolean }> {
  const { scope } = request;
  if (proof.credential !== null) {
    // An application credential is bound to its project; so are tokens that came from it.
    const { projectId } = proof.credential;
    if (scope !== undefined) {
      const wanted =
        typeof scope === 'object' && scope.project !== undefined
          ? await findProjectId(room.store, scope.project)
          : undefined;
      if (wanted !== projectId) throw errors.Unauthorized();
    }
    return { scope: { ...UNSCOPED, projectId }, asked: true };
  }
  if (scope === 'unscoped' || (scope !== undefined && scope.unscoped !== undefined))
    return { scope: UNSCOPED, asked: true };
  if (scope === undefined) {
    return { scope: { ...UNSCOPED, projectId: proof.defaultProjectId }, asked: proof.defaultProjectId === null };
  }
  const given = ['project', 'domain', 'system'].filter((kind) => Object.hasOwn(scope, kind));
  if (given.length !== 1) throw errors.Invalid('A scope is one of project, domain, system or unscoped.');
  if (scope.project !== undefined) {
    const projectId = await findProjectId(room.store, scope.project);
    if (projectId === undefined) throw errors.Unauthorized();
    return { scope: { ...UNSCOPED, projectId }, asked: true };
  }
  if (scope.domain !== undefined) {
    const domainId = await findDomainId(room.store, scope.domain);
    if (domainId === undefined) throw errors.Unauthorized();
    return { scope: { ...UNSCOPED, domainId }, asked: true };
  }
  if (scope.system?.all !== true) throw errors.Invalid('The system scope is {"all": true}.');
  return { scope: { ...UNSCOPED, system: true }, asked: true };
}

/** Signs a token for a proven user in a scope; null when the truth does not allow it. */
async function open(room: Room, proof: Proof, scope: ScopeIds, methods: readonly Method[]): Promise<Login | null> {
  const from = proof.from?.claims;
  const row = await readSession(room.store, proof.userId, scope, proof.credential?.id ?? null, from?.auditIds ?? []);
  if (row === undefined) return null;
  // The token it came from was remembered; whether it still holds is asked of the database itself.
  if (from !== undefined && (row.revoked || (row.tokens_after !== null && from.issuedAt <= row.tokens_after)))
    return null;
  const auditId = room.random.bytes(16).toString('base64url');
  const chain = from?.auditIds.at(-1);
  const issuedAt = Math.floor(row.now);
  const claims: Claims = {
    ...scope,
    userId: proof.userId,
    issuedAt,
    // A token got with a token does not live longer than it.
    expiresAt: Math.min(issuedAt + room.tokenLifetimeMs, from?.expiresAt ?? Number.POSITIVE_INFINITY),
    methods,
    auditIds: chain === undefined ? [auditId] : [auditId, chain],
    credentialId: proof.credential?.id ?? null,
  };
  const session = makeSession(claims, row, room.serviceOfPath, room.config.trustServiceProject ?? false);
  if (session === null) return null;
  return { token: await room.keyring.sign(encodeClaims(claims)), session };
}
