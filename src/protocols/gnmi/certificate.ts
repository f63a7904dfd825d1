import { createHash } from 'node:crypto';
import { connect } from 'node:tls';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { errors } from './errors.ts';

/** The certificate a server shows, looked at before anything is sent. `key` is `SHA256:…` of it. Throws `GnmiUnreachable`. */
export function shownCertificate(
  host: string,
  port: number,
  clock: Clock,
  ms: number,
): Promise<{ pem: string; key: string }> {
  return new Promise((resolve, reject) => {
    const where = `${host}:${port}`;
    // Nothing is believed of it: the caller compares, or keeps it.
    const socket = connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    const cancel = clock.after(ms, () => fail(`no TLS in ${ms} ms`));
    const fail = (why: string) => {
      cancel();
      socket.destroy();
      reject(errors.GnmiUnreachable(where, why));
    };
    socket.once('error', (error) => fail(messageOf(error)));
    socket.once('close', () => fail('it closed the connection'));
    socket.once('secureConnect', () => {
      const { raw } = socket.getPeerCertificate();
      cancel();
      socket.removeAllListeners('close');
      socket.destroy();
      const body = raw.toString('base64').replaceAll(/.{64}/g, '$&\n');
      const key = `SHA256:${createHash('sha256').update(raw).digest('base64').replace(/=+$/, '')}`;
      resolve({ pem: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`, key });
    });
  });
}
