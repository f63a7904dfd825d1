import type { Config } from '#platform/settings';
import { VERSION } from '#platform/version';
import type { App } from '../app.ts';

/** What a person is told when the program runs: where it is, how to log in, what to type next. */
export function welcome(config: Config, app: App): string {
  const { general, auth, database } = config;
  const where = database.url === null ? `its own PostgreSQL in ${general.data_dir}` : 'an external PostgreSQL';
  const roles = general.roles.includes('all') ? 'every role' : general.roles.join(', ');
  const first = `Ingot ${VERSION} runs: ${roles}, ${where}.`;
  if (app.url === null) return `\n${first}\n`;
  const rows: [string, string][] = [['API', app.url]];
  if (auth.strategy === 'none') {
    rows.push(['Log in', 'nobody needs to: everybody who reaches this address is administrator']);
    rows.push(['Next', `curl ${app.url}/v1/nodes`]);
    rows.push(['', `openstack --os-auth-type none --os-endpoint ${app.url} baremetal node list`]);
  } else if (auth.strategy === 'http_basic') {
    rows.push([
      'Log in',
      app.passwordFile === null ? `as a user of ${auth.htpasswd}` : `as admin, password in ${app.passwordFile}`,
    ]);
    rows.push(['Next', `curl -u admin:$(cat ${app.passwordFile ?? 'FILE'}) ${app.url}/v1/nodes`]);
  } else {
    rows.push([
      'Log in',
      `at ${app.url}/identity/v3${app.passwordFile === null ? '' : ` as admin, password in ${app.passwordFile}`}`,
    ]);
  }
  rows.push(['Stop', 'Ctrl-C']);
  return `\n${first}\n\n${rows.map(([name, text]) => `  ${name.padEnd(7)} ${text}`).join('\n')}\n\n`;
}
