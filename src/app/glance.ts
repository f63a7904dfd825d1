import type { ImageConfig } from '#image/index';
import type { Clock } from '#kernel/clock';
import { errors } from '#platform/errors';
import type { Config } from '#platform/settings';
import { keystoneClient } from '#protocols/keystone/client';
import { identitySettings } from './room-settings.ts';

/** A token is renewed this long before its end: a download begins with one that lasts. */
const RENEW_MS = 5 * 60_000;
const TIMEOUT_MS = 15_000;

/**
 * The existing Glance that images are read from, as the account of `auth.keystone_user`; null: Ingot's own Image service.
 * Throws ConfigInvalid when there is no Keystone to log in at.
 */
export function existingGlance(config: Config, clock: Clock): ImageConfig['glance'] {
  const { glance_url: url } = config.image;
  if (url === null) return null;
  const joined = config.auth.keystone_url === null ? undefined : identitySettings(config, LOOPBACK).joined;
  if (joined === undefined)
    throw errors.ConfigInvalid('image.glance_url is set; auth.keystone_url and its account must be, too');
  const client = keystoneClient({ url: joined.url, clock, timeoutMs: TIMEOUT_MS, connections: 1 });
  let own: { token: string; expiresAt: number } | undefined;
  let asking: Promise<string> | undefined;
  return {
    url,
    async token(fresh) {
      if (!fresh && own !== undefined && own.expiresAt - RENEW_MS > clock.now()) return own.token;
      asking ??= client
        .login(joined)
        .then((got) => {
          own = got;
          return got.token;
        })
        .finally(() => {
          asking = undefined;
        });
      return await asking;
    },
    close: () => client.close(),
  };
}

const LOOPBACK = { host: '127.0.0.1', port: 0 };
