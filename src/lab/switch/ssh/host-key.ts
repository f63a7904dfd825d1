import ssh2 from 'ssh2';

/**
 * A new ed25519 host key in the form ssh2 reads. About one in two hundred that ssh2 makes is one that it cannot read
 * itself ("Malformed OpenSSH private key"): those are thrown away.
 */
export function newHostKey(): string {
  for (;;) {
    const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
}
