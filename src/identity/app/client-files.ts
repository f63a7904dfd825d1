/** What a client needs to log in. */
export interface ClientFacts {
  /** `http://127.0.0.1:6385/identity/v3` */
  authUrl: string;
  userName: string;
  /** Left out: the file asks for it (openrc), or the client does (clouds.yaml). */
  password?: string | undefined;
  userDomainName: string;
  /** Or the system's scope. */
  projectName?: string | undefined;
  projectDomainName?: string | undefined;
  region: string;
}

const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const yaml = (text: string) => JSON.stringify(text);

/** A file to `source` in a shell before using the `openstack` command. */
export function renderOpenrc(facts: ClientFacts): string {
  const lines = [
    'for name in $(env | sed -n "s/^\\(OS_[A-Z_]*\\)=.*/\\1/p"); do unset "$name"; done',
    `export OS_AUTH_URL=${shell(facts.authUrl)}`,
    'export OS_AUTH_TYPE=password',
    'export OS_IDENTITY_API_VERSION=3',
    `export OS_USERNAME=${shell(facts.userName)}`,
    `export OS_USER_DOMAIN_NAME=${shell(facts.userDomainName)}`,
    ...(facts.projectName === undefined
      ? ['export OS_SYSTEM_SCOPE=all']
      : [
          `export OS_PROJECT_NAME=${shell(facts.projectName)}`,
          `export OS_PROJECT_DOMAIN_NAME=${shell(facts.projectDomainName ?? facts.userDomainName)}`,
        ]),
    `export OS_REGION_NAME=${shell(facts.region)}`,
    ...(facts.password === undefined
      ? [
          'printf "Password of %s: " "$OS_USERNAME"',
          'stty -echo; read -r OS_PASSWORD; stty echo; echo',
          'export OS_PASSWORD',
        ]
      : [`export OS_PASSWORD=${shell(facts.password)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** A `clouds.yaml` with one cloud. JSON strings are YAML strings, so any character is safe. */
export function renderCloudsYaml(facts: ClientFacts, cloud = 'ingot'): string {
  const lines = [
    'clouds:',
    `  ${yaml(cloud)}:`,
    '    auth_type: password',
    '    auth:',
    `      auth_url: ${yaml(facts.authUrl)}`,
    `      username: ${yaml(facts.userName)}`,
    ...(facts.password === undefined ? [] : [`      password: ${yaml(facts.password)}`]),
    `      user_domain_name: ${yaml(facts.userDomainName)}`,
    ...(facts.projectName === undefined
      ? ['      system_scope: all']
      : [
          `      project_name: ${yaml(facts.projectName)}`,
          `      project_domain_name: ${yaml(facts.projectDomainName ?? facts.userDomainName)}`,
        ]),
    `    region_name: ${yaml(facts.region)}`,
    '    identity_api_version: 3',
    '    interface: public',
  ];
  return `${lines.join('\n')}\n`;
}
