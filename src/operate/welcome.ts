import type { Config } from '#platform/settings';
import { VERSION } from '#platform/version';
import type { App } from '../app.ts';

/** What a person is told when the program runs: where it is, how to log in, what to type next. */
export function welcome(config: Config, { url, login, ramdiskUrl, statusUrl }: App): string {
  const { general, database } = config;
  const where = database.url === null ? `its own PostgreSQL in ${general.data_dir}` : 'an external PostgreSQL';
  const roles = general.roles.includes('all') ? 'every role' : general.roles.join(', ');
  const first = `Ingot ${VERSION} runs: ${roles}, ${where}.`;
  const rows: [string, string][] = [];
  if (url !== null) rows.push(['API', url], ...loginRows(config, url, login));
  if (ramdiskUrl !== null && ramdiskUrl !== url) rows.push(['Ramdisk', ramdiskUrl]);
  if (statusUrl !== null) rows.push(['Status', `${statusUrl}/healthcheck and /metrics`]);
  if (rows.length === 0) return `\n${first}\n`;
  rows.push(['Stop', 'Ctrl-C']);
  return `\n${first}\n\n${rows.map(([name, text]) => `  ${name.padEnd(7)} ${text}`).join('\n')}\n\n`;
}

function loginRows(config: Config, url: string, { passwordFile, cloudsFile }: App['login']): [string, string][] {
  const { strategy } = config.auth;
  const rows: [string, string][] = [];
  if (strategy === 'none') rows.push(['Log in', 'nobody needs to: whoever reaches this address is administrator']);
  else if (passwordFile !== null) rows.push(['Log in', `as admin; the password is in ${passwordFile}`]);
  else
    rows.push(['Log in', strategy === 'keystone' ? `at ${url}/identity/v3` : `as a user of ${config.auth.htpasswd}`]);
  if (cloudsFile !== null) {
    rows.push(['Next', `export OS_CLIENT_CONFIG_FILE=${cloudsFile} OS_CLOUD=ingot`]);
    rows.push(['', 'openstack baremetal node list']);
  }
  const curl = strategy === 'none' ? 'curl' : `curl -u admin:$(cat ${passwordFile})`;
  if (strategy === 'none' || (strategy === 'http_basic' && passwordFile !== null)) {
    rows.push([cloudsFile === null ? 'Next' : 'or', `${curl} ${url}/v1/nodes`]);
  }
  return rows;
}
