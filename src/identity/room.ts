import type { Clock } from '#kernel/clock';
import type { Random } from '#kernel/random';
import type { Log } from '#platform/log';
import type { Sealer, Store } from '#store/contract';
import { productServices } from './app/bootstrap.ts';
import { openCatalog } from './app/catalog.ts';
import type { Room } from './app/room.ts';
import type { IdentityConfig } from './config.ts';
import { DEFAULT_PASSWORD_RULES } from './model/password-rules.ts';
import { createHasher } from './passwords/hash.ts';
import { LoginThrottle } from './passwords/throttle.ts';
import { pruneChanges } from './store/changes.ts';
import { serviceFinder } from './tokens/access-rules.ts';
import { openKeyring } from './tokens/keyring.ts';
import { Sessions } from './tokens/sessions.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Opens all that the verbs of our own Keystone work with. */
export async function openRoom(parts: {
  store: Store;
  clock: Clock;
  random: Random;
  log: Log;
  sealer: Sealer;
  config: IdentityConfig;
}): Promise<Room & { stop(): void }> {
  const { store, clock, random, log, sealer, config } = parts;
  const tokenLifetimeMs = config.tokenLifetimeMs ?? 8 * HOUR_MS;
  const keyring = await openKeyring({
    store,
    sealer,
    clock,
    log,
    rotationMs: config.keyRotationMs ?? 30 * DAY_MS,
    // Tokens that are asked about after their end (services that finish what began in time) verify too.
    keepMs: tokenLifetimeMs + 2 * DAY_MS + HOUR_MS,
  });
  const catalog = openCatalog(store);
  const serviceOfPath = serviceFinder(productServices(parts));
  const sessions = new Sessions({
    store,
    keyring,
    clock,
    log,
    serviceOfPath,
    trustServiceProject: config.trustServiceProject ?? false,
    onChange: ({ kind }) => {
      if (kind === 'catalog' || kind === 'all') catalog.forget();
    },
  });
  const stop = clock.every(HOUR_MS, () => {
    pruneChanges(store).catch((error: unknown) =>
      log.warn({ err: error }, 'old identity records could not be removed'),
    );
  });
  return {
    store,
    clock,
    random,
    log,
    sealer,
    config,
    passwordRules: { ...DEFAULT_PASSWORD_RULES, ...config.passwords },
    hasher: createHasher({ random }),
    throttle: new LoginThrottle(clock, config.throttle),
    keyring,
    sessions,
    catalog,
    serviceOfPath,
    tokenLifetimeMs,
    stop,
  };
}
