import type { Clock } from '#kernel/clock';
import type { Random } from '#kernel/random';
import type { Log } from '#platform/log';
import type { Sealer, Store } from '#store/contract';
import type { IdentityConfig, PasswordRules } from '../config.ts';
import type { PasswordHasher } from '../passwords/hash.ts';
import type { LoginThrottle } from '../passwords/throttle.ts';
import type { ServiceOfPath } from '../tokens/access-rules.ts';
import type { Keyring } from '../tokens/keyring.ts';
import type { Sessions } from '../tokens/sessions.ts';
import type { Catalog } from './catalog.ts';

/** What the verbs of this room work with. */
export interface Room {
  store: Store;
  clock: Clock;
  random: Random;
  log: Log;
  sealer: Sealer;
  config: IdentityConfig;
  passwordRules: PasswordRules;
  hasher: PasswordHasher;
  throttle: LoginThrottle;
  keyring: Keyring;
  sessions: Sessions;
  catalog: Catalog;
  serviceOfPath: ServiceOfPath;
  tokenLifetimeMs: number;
}
