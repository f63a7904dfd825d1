import { readFile, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Certificate } from '#http/server';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import type { Log } from '#platform/log';
import { errors } from '#platform/errors';

/** The files of a listener's certificate. */
export interface CertificateFiles {
  cert: string;
  key: string;
}

const LOOK_EVERY_MS = 2_000;

/**
 * The files two settings name; undefined without them. `section` is how the settings begin (`api.` or
 * `api.ramdisk_`). Throws `ConfigInvalid` when only one is set.
 */
export function certificateFiles(
  cert: string | null,
  key: string | null,
  section: string,
): CertificateFiles | undefined {
  if (cert === null && key === null) return undefined;
  if (cert === null || key === null) {
    const [there, missing] = cert === null ? ['tls_key', 'tls_cert'] : ['tls_cert', 'tls_key'];
    throw errors.ConfigInvalid(`${section}${there} is set, and ${section}${missing} is not; TLS needs both`);
  }
  return { cert, key };
}

/** Reads them. Throws `ConfigInvalid` when they cannot be read, are not PEM, or do not belong together. */
export async function readCertificate(files: CertificateFiles): Promise<Certificate> {
  const read = (file: string) =>
    readFile(file, 'utf8').catch((error: unknown) => {
      throw errors.ConfigInvalid(`${file} cannot be read: ${messageOf(error)}`);
    });
  const certificate = { cert: await read(files.cert), key: await read(files.key) };
  try {
    createSecureContext(certificate);
  } catch (error) {
    throw errors.ConfigInvalid(`${files.cert} and ${files.key} are no certificate with its key: ${messageOf(error)}`);
  }
  return certificate;
}

/**
 * Gives what the files hold to `renew` whenever that is not `current` any more, so that a renewed certificate needs
 * no restart. What does not fit together (one of the two written so far) is told once and the certificate before it
 * stays. Gives the way out.
 */
export function followCertificate(
  files: CertificateFiles,
  current: Certificate,
  renew: (certificate: Certificate) => void,
  clock: Clock,
  log: Log,
): () => void {
  let inUse = current;
  let version = '';
  let busy = false;
  let failed = '';
  const look = async () => {
    const facts = await Promise.all([stat(files.cert), stat(files.key)]);
    const found = facts.map(({ mtimeMs, size, ino }) => `${mtimeMs}.${size}.${ino}`).join();
    if (found === version) return;
    const certificate = await readCertificate(files);
    version = found;
    failed = '';
    if (certificate.cert === inUse.cert && certificate.key === inUse.key) return;
    renew(certificate);
    inUse = certificate;
    log.info({ file: files.cert }, 'a new certificate is in use');
  };
  return clock.every(LOOK_EVERY_MS, () => {
    if (busy) return;
    busy = true;
    look()
      .catch((error: unknown) => {
        const said = messageOf(error);
        if (said !== failed) log.error({ file: files.cert, err: error }, 'the certificate stays as it was');
        failed = said;
      })
      .finally(() => {
        busy = false;
      });
  });
}
