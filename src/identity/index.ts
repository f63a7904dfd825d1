import type { AuditSink } from '#contracts/audit';
import type { KnownCaller } from '#contracts/identity';
import type { Policy, RuleSet, TargetReader } from '#contracts/policy';
import type { QuotaResource, Quotas } from '#contracts/quota';
import type { Authoriser, Door } from '#http/contract';
import type { Clock } from '#kernel/clock';
import { type Random, systemRandom } from '#kernel/random';
import type { Log } from '#platform/log';
import type { Sealer, Store } from '#store/contract';
import { identityDoor } from './api/door.ts';
import { type Bootstrapped, bootstrap } from './app/bootstrap.ts';
import { createQuotas, registerQuotas } from './app/quotas.ts';
import { recoverAdmin } from './app/recover.ts';
import type { Room } from './app/room.ts';
import { openAuditKey, openChain } from './audit/chain.ts';
import { auditDoor } from './audit/door.ts';
import { createSink } from './audit/sink.ts';
import type { Authenticator } from './authenticators/contract.ts';
import { httpBasicAuthenticator } from './authenticators/http-basic.ts';
import { joinedAuthenticator } from './authenticators/joined.ts';
import { noneAuthenticator } from './authenticators/none.ts';
import { tokenAuthenticator } from './authenticators/tokens.ts';
import { createAuthoriser } from './authoriser.ts';
import type { IdentityConfig } from './config.ts';
import { errors } from './errors.ts';
import { createHasher } from './passwords/hash.ts';
import { policyDoor, type SubjectReader } from './policy/door.ts';
import { createPolicy } from './policy/engine.ts';
import { identityRules } from './policy/rules.ts';
import { followPolicyFile } from './policy/watch.ts';
import { openRoom } from './room.ts';
import { readSession } from './store/session.ts';
import { serviceFinder } from './tokens/access-rules.ts';
import { makeSession } from './tokens/sessions.ts';

export { type ClientFacts, renderCloudsYaml, renderOpenrc } from './app/client-files.ts';
export type { Bootstrapped } from './app/bootstrap.ts';
export { refuseOpenDoors } from './authenticators/none.ts';
export type { IdentityConfig, JoinedKeystone, PasswordRules } from './config.ts';

export interface IdentityParts {
  store: Store;
  clock: Clock;
  log: Log;
  sealer: Sealer;
  config: IdentityConfig;
  random?: Random;
  /** The rules of all services: `[baremetalRules, …]`; identity's own are added. */
  rules: readonly RuleSet[];
  /** What projects can have a limited number of. */
  quotas?: readonly QuotaResource[];
  /** For explaining policy: how to find the facts of resources, by type (`node`). */
  targets?: Readonly<Record<string, TargetReader>>;
}

/** The identity room, ready to be plugged in. */
export interface Identity {
  /** Doors to add to the server. */
  readonly doors: readonly Door[];
  readonly authoriser: Authoriser;
  readonly policy: Policy;
  readonly quotas: Quotas;
  /** Give it to the server: state-changing calls are recorded before they are answered. */
  readonly audit: AuditSink;
  /** Makes what a first start needs; later starts only add services the catalog lacks. */
  bootstrap(): Promise<Bootstrapped | null>;
  /**
   * For operators who locked everybody out: the admin with its roles and a new password, which is given back. Null
   * where identity is not our own.
   */
  recoverAdmin(): Promise<{ userName: string; password: string } | null>;
  /** Throws `UnknownRule` when a route of a door names a rule that does not exist. Call it with all doors. */
  checkDoors(doors: readonly Door[]): void;
  close(): Promise<void>;
}

export type { KnownCaller };

/** Builds the room for the configured strategy. Throws `ConfigInvalid` or `PolicyBroken`. */
export async function createIdentity(parts: IdentityParts): Promise<Identity> {
  const { clock, log, config } = parts;
  const policy = createPolicy([...parts.rules, identityRules], {
    config: { service_project_name: config.serviceProject ?? 'service' },
  });
  const stopPolicy =
    config.policyFile === undefined ? undefined : await followPolicyFile(policy, config.policyFile, clock, log);
  const opened = await open(parts);
  const { authenticator, room } = opened;
  const auditKey = await openAuditKey(parts.store, parts.sealer, parts.random ?? systemRandom);
  const sink = createSink(parts.store, auditKey, clock, log);
  const chain = openChain(parts.store, auditKey, clock, log);
  sink.onStored = () => chain.wake();
  const doors = [
    ...(room === null ? [] : [identityDoor(room)]),
    policyDoor(policy, parts.targets ?? {}, room === null ? null : subjectReader(room)),
    auditDoor(parts.store, chain),
  ];
  return {
    doors,
    authoriser: createAuthoriser(authenticator, policy),
    policy,
    quotas: createQuotas(parts.quotas ?? []),
    audit: sink,
    async bootstrap() {
      if (room === null) return null;
      const made = await bootstrap(room, { adminPassword: config.adminPassword });
      await registerQuotas(parts.store, parts.quotas ?? []);
      return made;
    },
    recoverAdmin: async () => (room === null ? null : recoverAdmin(room)),
    checkDoors(all) {
      policy.assertKnown(
        all.flatMap((door) => door.routes.flatMap(({ policy: rule }) => (rule === null ? [] : [rule]))),
      );
    },
    async close() {
      stopPolicy?.();
      await sink.close();
      await chain.close();
      room?.keyring.close();
      room?.stop();
      await authenticator.close();
    },
  };
}

/** Who a user would be in a scope, as a login would make it. */
function subjectReader(room: Room): SubjectReader {
  return async ({ userId, ...scope }) => {
    const row = await readSession(room.store, userId, scope, null, []);
    if (row === undefined) return null;
    const claims = {
      ...scope,
      userId,
      issuedAt: row.now,
      expiresAt: row.now + 1,
      methods: [],
      auditIds: [],
      credentialId: null,
    };
    const trusted = room.config.trustServiceProject ?? false;
    return makeSession(claims, row, room.serviceOfPath, trusted)?.caller ?? null;
  };
}

async function open(
  parts: IdentityParts,
): Promise<{ authenticator: Authenticator; room: (Room & { stop(): void }) | null }> {
  const { config, clock, log } = parts;
  switch (config.strategy) {
    case 'none': {
      const options = { listening: config.listening, force: config.force ?? false, log };
      return { authenticator: noneAuthenticator(options), room: null };
    }
    case 'http_basic': {
      if (config.htpasswdFile === undefined) throw errors.ConfigInvalid('http_basic needs a password file');
      const authenticator = await httpBasicAuthenticator({
        file: config.htpasswdFile,
        clock,
        log,
        hasher: createHasher(),
        ...(config.throttle === undefined ? {} : { throttle: config.throttle }),
      });
      return { authenticator, room: null };
    }
    case 'keystone': {
      if (config.joined !== undefined) {
        const trustedProject = config.trustServiceProject === true ? (config.serviceProject ?? 'service') : null;
        const serviceOfPath = serviceFinder(config.services ?? []);
        const authenticator = joinedAuthenticator({ joined: config.joined, clock, log, serviceOfPath, trustedProject });
        return { authenticator, room: null };
      }
      const room = await openRoom({ ...parts, random: parts.random ?? systemRandom });
      return { authenticator: tokenAuthenticator(room.sessions, `${config.publicUrl}/identity/v3`), room };
    }
  }
}
