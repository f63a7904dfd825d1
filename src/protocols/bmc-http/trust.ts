import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import { messageOf } from '#kernel/errors';
import type { BmcAccess, BmcLimits } from './access.ts';
import { errors } from './errors.ts';

type Connector = ReturnType<typeof buildConnector>;

export interface ConnectorParts {
  access: BmcAccess;
  limits: BmcLimits;
  /** The pin as it is now known. */
  pin(): string | null;
  /** The first certificate of a BMC that is pinned on first use. */
  pinned(fingerprint: string): void;
}

/**
 * OpenSSL's contexts, by what they hold: making one costs as much as half a handshake, and a room full of machines that
 * starts at once is thousands of handshakes.
 */
const contexts = new Map<string, SecureContext>();

function contextOf({ tlsMinimum, tlsCiphers }: BmcAccess): SecureContext {
  const key = `${tlsMinimum} ${tlsCiphers}`;
  let context = contexts.get(key);
  if (context === undefined) {
    context = createSecureContext({
      minVersion: tlsMinimum,
      ...(tlsCiphers === null ? {} : { ciphers: tlsCiphers }),
    });
    contexts.set(key, context);
  }
  return context;
}

/** What all connections to one BMC have in common: its TLS session, too, which the next one resumes. */
export function makeBase({ access, limits }: Pick<ConnectorParts, 'access' | 'limits'>): Connector {
  const { trust } = access;
  const own = trust.kind === 'file' ? { ca: readAuthorities(access.origin, trust.path) } : undefined;
  const connect = buildConnector({
    timeout: limits.connectMs,
    minVersion: access.tlsMinimum,
    ...(access.tlsCiphers === null ? {} : { ciphers: access.tlsCiphers }),
    ...(own ?? (access.origin.startsWith('https:') ? { secureContext: contextOf(access) } : {})),
    rejectUnauthorized: trust.kind === 'system' || trust.kind === 'file',
    allowH2: false,
    // a resumed TLS session shows no certificate to compare with the pin
    ...(trust.kind === 'pin' ? { maxCachedSessions: 0 } : {}),
  });
  // undici forgets sessions with the next collection of garbage, and then each look at a BMC is a whole handshake
  const held: { session?: unknown } = {};
  return (options, done) => {
    connect(options, (error, socket) => {
      socket?.on('session', (session: unknown) => {
        held.session = session;
      });
      if (error === null) done(null, socket as Socket);
      else done(error, null);
    });
  };
}

/**
 * Opens connections to one BMC and nowhere else. Certificates are checked before a byte of HTTP is written.
 * `beforeUse` runs in the tick in which the request is then written; what it throws fails the request.
 */
export function makeConnector(base: Connector, parts: ConnectorParts, beforeUse?: () => void): Connector {
  const { access } = parts;
  return (options, done) => {
    base(options, (error, socket) => {
      if (error !== null || socket === null) {
        done(untrusted(access.origin, error) ?? error ?? new Error('no connection'), null);
        return;
      }
      const refusal = check(parts, socket) ?? tried(beforeUse);
      if (refusal !== undefined) {
        socket.destroy();
        done(refusal, null);
        return;
      }
      done(null, socket);
    });
  };
}

function readAuthorities(origin: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw errors.BmcNotTrusted(origin, `the file of authorities cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function tried(fn: (() => void) | undefined): Error | undefined {
  try {
    fn?.();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function check(parts: ConnectorParts, socket: Socket | TLSSocket): Error | undefined {
  if (parts.access.trust.kind !== 'pin') return undefined;
  if (!('getPeerCertificate' in socket)) return errors.BmcNotTrusted(parts.access.origin, 'it does not speak TLS');
  const seen = plain(socket.getPeerCertificate().fingerprint256 ?? '');
  const wanted = parts.pin();
  if (seen === '') return errors.BmcNotTrusted(parts.access.origin, 'it showed none');
  if (wanted === null) {
    parts.pinned(seen);
    return undefined;
  }
  if (plain(wanted) === seen) return undefined;
  return errors.BmcNotTrusted(parts.access.origin, `its fingerprint is ${seen}, known is ${plain(wanted)}`);
}

const plain = (fingerprint: string) => fingerprint.replaceAll(':', '').toLowerCase();

/** Node's codes of certificates that do not verify. */
function untrusted(origin: string, error: Error | null): Error | undefined {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  if (!/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|ERR_SSL|EPROTO)/.test(code)) return undefined;
  return errors.BmcNotTrusted(origin, messageOf(error), { cause: error });
}
