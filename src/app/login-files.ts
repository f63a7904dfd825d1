import { access, chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderCloudsYaml } from '#identity/index';
import { createHasher } from '#identity/passwords/hash';
import { systemRandom } from '#kernel/random';
import type { Config } from '#platform/settings';
import { htpasswdFile } from './room-settings.ts';

/** Files in the data directory that let its owner log in. */
export interface LoginFiles {
  /** Holds the first administrator's password; null when there is no such file. */
  passwordFile: string | null;
  /** A `clouds.yaml` with one cloud, `ingot`; null when nobody's password is known. */
  cloudsFile: string | null;
}

const ADMIN = 'admin';

const passwordPath = (config: Config) => join(config.general.data_dir, 'admin-password');

/**
 * With `http_basic` and no file of passwords yet: makes it with one user, `admin`, whose password goes to
 * `admin-password`. Before the identity room opens.
 */
export async function makeFirstPassword(config: Config): Promise<void> {
  const { strategy, htpasswd, admin_password } = config.auth;
  if (strategy !== 'http_basic' || htpasswd !== null || (await exists(htpasswdFile(config)))) return;
  // Written first: after a crash in between, the next start finds and uses it.
  const kept = await readFile(passwordPath(config), 'utf8').catch(() => '');
  const password = admin_password?.reveal() ?? (kept.trim() || systemRandom.bytes(18).toString('base64url'));
  await writePrivate(passwordPath(config), `${password}\n`);
  await writePrivate(htpasswdFile(config), `${ADMIN}:${await createHasher().hash(password)}\n`);
}

/** Writes `clouds.yaml` for the URL of this start. After the identity room made its first administrator. */
export async function writeLoginFiles(config: Config, url: string): Promise<LoginFiles> {
  const found = await readFile(passwordPath(config), 'utf8').catch(() => undefined);
  const password = found?.trim();
  const passwordFile = password === undefined ? null : passwordPath(config);
  const { strategy } = config.auth;
  if (strategy !== 'none' && password === undefined) return { passwordFile, cloudsFile: null };
  const cloudsFile = join(config.general.data_dir, 'clouds.yaml');
  await writePrivate(cloudsFile, cloudsYaml(config, url, password ?? ''));
  return { passwordFile: strategy === 'none' ? null : passwordFile, cloudsFile };
}

function cloudsYaml(config: Config, url: string, password: string): string {
  if (config.auth.strategy === 'keystone') {
    return renderCloudsYaml({
      authUrl: `${url}/identity/v3`,
      userName: ADMIN,
      password,
      userDomainName: 'Default',
      region: config.auth.region,
    });
  }
  const lines = [
    'clouds:',
    '  ingot:',
    `    auth_type: ${config.auth.strategy}`,
    '    auth:',
    `      endpoint: ${JSON.stringify(url)}`,
    ...(config.auth.strategy === 'none'
      ? []
      : [`      username: ${ADMIN}`, `      password: ${JSON.stringify(password)}`]),
    // Without a catalog a client must be told where each service is.
    `    baremetal_endpoint_override: ${JSON.stringify(url)}`,
    `    baremetal_introspection_endpoint_override: ${JSON.stringify(`${url}/introspection/v1`)}`,
  ];
  return `${lines.join('\n')}\n`;
}

async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${systemRandom.bytes(6).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  await chmod(draft, 0o600);
  await rename(draft, path);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
