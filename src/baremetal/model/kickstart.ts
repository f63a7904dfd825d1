/** What a template may name. Each is of letters that mean nothing to Anaconda, a shell or JSON. */
export interface KickstartValues {
  /** Where the archive of the system is. */
  liveimg_url?: string;
  /** Where the install tree is. */
  repo_url?: string;
  agent_token: string;
  heartbeat_url: string;
}

const NAME = /\{\{ *ks_options\.([a-z_]+) *\}\}/g;
const HARMLESS = /^[A-Za-z0-9:/._~?&=%+@,[\]-]+$/;

/**
 * Puts values where a template names them, as Ironic's templates do: `{{ ks_options.liveimg_url }}`. There is no language
 * in it: whatever else stands between braces stays as it is. Throws TypeError for a value that could be read as more.
 */
export function renderKickstart(template: string, values: KickstartValues): string {
  return template.replace(NAME, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name as keyof KickstartValues] : undefined;
    if (value === undefined) return whole;
    if (!HARMLESS.test(value)) throw new TypeError(`${name} has characters that a kickstart may not hold`);
    return value;
  });
}

/** The template of an instance that brings none: the whole first disk, one system, and word of how it goes. */
export function defaultKickstart(values: Pick<KickstartValues, 'repo_url'>): string {
  const source =
    values.repo_url === undefined
      ? ['liveimg --url {{ ks_options.liveimg_url }}']
      : ['url --url {{ ks_options.repo_url }}', '', '%packages', '@^minimal-environment', 'cloud-init', '%end'];
  return `${[
    'text',
    'lang en_US',
    'keyboard us',
    'timezone UTC --utc',
    'firstboot --disabled',
    'rootpw --lock',
    'selinux --enforcing',
    'firewall --enabled',
    'bootloader --append="console=tty0 console=ttyS0,115200n8"',
    'zerombr',
    'clearpart --all --initlabel',
    'autopart',
    // The machine is off when it is moved to its own network.
    'poweroff',
    ...source,
    '',
    ...section('%pre', 'start', 'The installation begins.'),
    ...section('%onerror', 'error', 'The installation failed; its console says why.'),
    ...section('%traceback', 'error', 'The installer crashed; its console says where.'),
    ...section('%post', 'end', 'The installation is over.'),
  ].join('\n')}\n`;
}

/** A section that tells the Bare Metal API how far the installation is. */
function section(head: string, status: string, message: string): string[] {
  const body = JSON.stringify({
    callback_url: '',
    agent_token: '{{ ks_options.agent_token }}',
    agent_status: status,
    agent_status_message: message,
  });
  const headers = ['Content-Type: application/json', 'X-OpenStack-Ironic-API-Version: 1.72'];
  const told = headers.map((one) => `-H '${one}'`).join(' ');
  return [
    head,
    `/usr/bin/curl --fail --retry 10 --retry-all-errors -X POST ${told} -d '${body}' {{ ks_options.heartbeat_url }}`,
    '%end',
    '',
  ];
}
