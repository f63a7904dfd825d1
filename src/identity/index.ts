import type { Policy, RuleSet } from '#contracts/policy';
import type { Authoriser, Door } from '#http/contract';
import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { Sealer, Store } from '#store/contract';
import type { Authenticator } from './authenticators/contract.ts';
import { httpBasicAuthenticator } from './authenticators/http-basic.ts';
import { noneAuthenticator } from './authenticators/none.ts';
import { createAuthoriser } from './authoriser.ts';
import type { IdentityConfig } from './config.ts';
import { errors } from './errors.ts';
import { createHasher } from './passwords/hash.ts';
import { createPolicy, type PolicyEngine } from './policy/engine.ts';
import { followPolicyFile } from './policy/watch.ts';

export type { IdentityConfig } from './config.ts';

export interface IdentityParts {
  store: Store;
  clock: Clock;
  log: Log;
  sealer: Sealer;
  config: IdentityConfig;
  /** The rules of all services: `[baremetalRules, …]`; identity's own are added. */
  rules: readonly RuleSet[];
}

/** The identity room, ready to be plugged in. */
export interface Identity {
  /** Doors to add to the server. */
  readonly doors: readonly Door[];
  readonly authoriser: Authoriser;
  readonly policy: Policy;
  close(): Promise<void>;
}

/** Builds the room for the configured strategy. Throws `ConfigInvalid`, `PolicyBroken` or `UnknownRule`. */
export async function createIdentity(parts: IdentityParts): Promise<Identity> {
  const { clock, log, config } = parts;
  const policy = createPolicy(parts.rules, { config: { service_project_name: config.serviceProject ?? 'service' } });
  const stopPolicy =
    config.policyFile === undefined ? undefined : await followPolicyFile(policy, config.policyFile, clock, log);
  const authenticator = await makeAuthenticator(parts, policy);
  return {
    doors: [],
    authoriser: createAuthoriser(authenticator, policy),
    policy,
    async close() {
      stopPolicy?.();
      await authenticator.close();
    },
  };
}

async function makeAuthenticator(parts: IdentityParts, _policy: PolicyEngine): Promise<Authenticator> {
  const { config, clock, log } = parts;
  switch (config.strategy) {
    case 'none':
      return noneAuthenticator({ listening: config.listening, force: config.force ?? false, log });
    case 'http_basic': {
      if (config.htpasswdFile === undefined) throw errors.ConfigInvalid('http_basic needs a password file');
      return httpBasicAuthenticator({
        file: config.htpasswdFile,
        clock,
        log,
        hasher: createHasher(),
        ...(config.throttle === undefined ? {} : { throttle: config.throttle }),
      });
    }
    case 'keystone':
      throw errors.ConfigInvalid('keystone is not built yet');
  }
}
