import type { ConnectionOptions, TlsOptions } from 'node:tls';

// Processes of one installation speak TLS with a key they share: the recorder makes one for each of its lives and
// leaves it sealed in the database, so only who has the key of the secrets can open it. No certificates to look after.

export const LINK_AAD = 'console:link';
const CIPHERS = 'ECDHE-PSK-CHACHA20-POLY1305:PSK-AES256-GCM-SHA384';
const IDENTITY = 'ingot-console';

export function serverOptions(key: Buffer): TlsOptions {
  return {
    ciphers: CIPHERS,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    pskCallback: (_socket, identity) => (identity === IDENTITY ? key : null),
  };
}

export function clientOptions(key: Buffer): ConnectionOptions {
  return {
    ciphers: CIPHERS,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    pskCallback: () => ({ psk: key, identity: IDENTITY }),
    // There is no certificate: the key says who the other is.
    checkServerIdentity: () => undefined,
  };
}
