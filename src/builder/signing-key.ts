import { createPrivateKey, X509Certificate } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Certificate, selfSigned } from '#kernel/certificate';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import type { Random } from '#kernel/random';
import { errors } from './errors.ts';

const YEAR = 365.25 * 86_400_000;

/** A key that signs what starts machines, and the file of the certificate to enrol in their firmware. */
export interface SigningKey extends Certificate {
  certFile: string;
}

/**
 * The key of a folder, or a new one where it has none: RSA of 2048 bits, which all firmware knows, good for 20 years,
 * which no firmware looks at. `db.key` is its owner's alone (0600), `db.crt` is for everybody. A key and certificate of
 * one's own may lie there as well. Throws BuildBadKey.
 */
export async function signingKey(
  folder: string,
  { clock, random }: { clock: Clock; random: Random },
): Promise<SigningKey> {
  const file = join(folder, 'db.key');
  const certFile = join(folder, 'db.crt');
  if (!(await exists(file))) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const made = selfSigned(
      {
        commonName: 'Ingot lab key',
        organization: 'Ingot',
        names: [],
        notBefore: new Date(clock.now()),
        notAfter: new Date(clock.now() + 20 * YEAR),
        key: 'rsa2048',
      },
      random,
    );
    // Whoever links first has made it: two builds at once get one key. The certificate stands in the same file.
    const fresh = `${file}.${random.bytes(8).toString('hex')}`;
    await writeFile(fresh, made.key + made.cert, { mode: 0o600, flag: 'wx' });
    await link(fresh, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(fresh);
  }
  try {
    const text = await readFile(file, 'utf8');
    const inside = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(text)?.[0];
    if (inside !== undefined && !(await exists(certFile))) {
      const fresh = `${certFile}.${random.bytes(8).toString('hex')}`;
      await writeFile(fresh, inside, { mode: 0o644 });
      await rename(fresh, certFile);
    }
    const cert = await readFile(certFile, 'utf8');
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType !== 'rsa') throw new Error('firmware knows RSA keys only');
    if (!new X509Certificate(cert).checkPrivateKey(key)) throw new Error(`${certFile} is of another key`);
    return { key: text, cert, certFile };
  } catch (cause) {
    throw errors.BuildBadKey(file, messageOf(cause), { cause });
  }
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}
