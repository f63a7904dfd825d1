import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import { errors } from './errors.ts';

type Connector = ReturnType<typeof buildConnector>;

/** One for all agents: making one costs as much as half a handshake. */
let context: ReturnType<typeof createSecureContext> | undefined;

/**
 * Opens connections to one agent. It must show the certificate it sent in its heartbeat, or one signed by it. Dates
 * in it are not looked at: a machine that has just started often does not know the time. `beforeUse` runs in the
 * tick in which the request is then written; what it throws fails the request.
 */
export function makeAgentConnector(
  where: string,
  pem: string | null,
  connectMs: number,
  beforeUse: () => void,
): Connector {
  const base = buildConnector({
    timeout: connectMs,
    secureContext: (context ??= createSecureContext({ minVersion: 'TLSv1.2' })),
    rejectUnauthorized: false,
    // a resumed TLS session shows no certificate
    maxCachedSessions: 0,
    allowH2: false,
  });
  return (options, done) => {
    base(options, (error, socket) => {
      if (error !== null || socket === null) {
        done(error ?? new Error('no connection'), null);
        return;
      }
      const refusal = check(where, pem, socket) ?? tried(beforeUse);
      if (refusal !== undefined) {
        socket.destroy();
        done(refusal, null);
        return;
      }
      done(null, socket);
    });
  };
}

function tried(fn: () => void): Error | undefined {
  try {
    fn();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function check(where: string, pem: string | null, socket: Socket | TLSSocket): Error | undefined {
  if (!('getPeerX509Certificate' in socket)) return undefined; // plain HTTP, where the operator allows it
  if (pem === null) return errors.AgentNotTrusted(where, 'it never said which certificate it has');
  const seen = socket.getPeerX509Certificate();
  if (seen === undefined) return errors.AgentNotTrusted(where, 'it showed no certificate');
  let told: X509Certificate;
  try {
    told = new X509Certificate(pem);
  } catch (cause) {
    return errors.AgentNotTrusted(where, 'what it sent as its certificate is none', { cause });
  }
  if (told.fingerprint256 === seen.fingerprint256) return undefined;
  if (told.ca && seen.checkIssued(told) && seen.verify(told.publicKey)) return undefined;
  return errors.AgentNotTrusted(where, 'it shows another certificate than the one it sent');
}
