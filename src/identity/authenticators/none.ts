import type { KnownCaller } from '#contracts/identity';
import type { Log } from '#platform/log';
import { errors } from '../errors.ts';
import { ALL_ROLES } from '../model/roles.ts';
import type { Authenticator } from './contract.ts';

/** The caller of a service without logins: the system's admin. */
export function systemAdmin(userName: string | null): KnownCaller {
  return {
    userId: userName,
    userName,
    projectId: null,
    domainId: null,
    system: true,
    roles: new Set(ALL_ROLES),
    auditId: null,
    projectName: null,
    projectDomainId: null,
    userDomainId: null,
    adminProject: false,
    serviceProject: false,
    token: null,
  };
}

/** True when only programs of this host can reach the address. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return (
    bare === 'localhost' ||
    bare === '::1' ||
    /^127(\.\d{1,3}){3}$/.test(bare) ||
    /^::ffff:127(\.\d{1,3}){3}$/.test(bare)
  );
}

/** Throws `ConfigInvalid` when one of the addresses (hosts) can be reached from elsewhere, where nobody logs in. */
export function refuseOpenDoors(listening: readonly string[]): void {
  const open = listening.filter((host) => !isLoopback(host));
  if (open.length === 0) return;
  throw errors.ConfigInvalid(
    `Without authentication the API may only listen on loopback, not on ${open.join(', ')}: everybody who reaches it would own every machine. Use another auth strategy, listen on 127.0.0.1, or force it`,
  );
}

/**
 * Everybody is the admin. For laptops and tests: refuses (throws `ConfigInvalid`) to be used when one of the
 * `listening` addresses can be reached from elsewhere, unless forced, and says loudly that it is on.
 */
export function noneAuthenticator(options: { listening: readonly string[]; force: boolean; log: Log }): Authenticator {
  if (!options.force) refuseOpenDoors(options.listening);
  const open = options.listening.filter((host) => !isLoopback(host));
  const where = open.length > 0 ? `reachable from the network on ${open.join(', ')}` : 'on loopback';
  options.log.warn({ listening: options.listening }, `NO AUTHENTICATION: everybody is admin, ${where}`);
  const caller = systemAdmin('admin');
  return { authenticate: () => caller, challenge: undefined, close: () => {} };
}
