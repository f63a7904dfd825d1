import type { Cloud } from '#sdk/cloud';

/** Settings that are secrets: written only when asked for. */
const SECRET = /^(password|token|application_credential_secret)$/;

/** Settings of a cloud, as clouds.yaml names them, that belong to its `auth` part. */
const AUTH = [
  'auth_url',
  'username',
  'user_id',
  'user_domain_name',
  'user_domain_id',
  'password',
  'token',
  'project_name',
  'project_id',
  'project_domain_name',
  'project_domain_id',
  'domain_name',
  'domain_id',
  'system_scope',
  'application_credential_id',
  'application_credential_name',
  'application_credential_secret',
  'endpoint',
];

function settings(cloud: Cloud, secrets: boolean): [string, string][] {
  return AUTH.flatMap((name): [string, string][] => {
    const value = cloud.values[name];
    return value === undefined || (SECRET.test(name) && !secrets) ? [] : [[name, value]];
  });
}

const authType = (cloud: Cloud): string => cloud.type ?? 'password';

/** A file to `source` before using the `openstack` command. Without secrets it asks for the password. */
export function openrc(cloud: Cloud, secrets: boolean): string {
  const lines = [
    ...settings(cloud, secrets).map(([name, value]) => [name, value]),
    ...(cloud.region === '' ? [] : [['region_name', cloud.region]]),
    ['interface', cloud.interface],
    ...(cloud.endpoint === undefined ? [] : [['baremetal_endpoint_override', cloud.endpoint]]),
    ...(cloud.caFile === undefined ? [] : [['cacert', cloud.caFile]]),
  ].map(([name = '', value = '']) => `export OS_${name.toUpperCase()}='${value.replaceAll("'", `'\\''`)}'`);
  const asks = !secrets && cloud.values['password'] !== undefined;
  return [
    `for name in $(env | sed -n 's/^\\(OS_[A-Z_]*\\)=.*/\\1/p'); do unset "$name"; done`,
    `export OS_AUTH_TYPE='${authType(cloud)}'`,
    `export OS_IDENTITY_API_VERSION=3`,
    ...lines,
    ...(asks ? [`printf 'Password: '`, 'stty -echo; read -r OS_PASSWORD; stty echo; echo', 'export OS_PASSWORD'] : []),
    '',
  ].join('\n');
}

/** A clouds.yaml with this one cloud. JSON strings are YAML strings, so any character is safe. */
export function cloudsYaml(cloud: Cloud, name: string, secrets: boolean): string {
  const quoted = JSON.stringify;
  return [
    'clouds:',
    `  ${quoted(name)}:`,
    `    auth_type: ${quoted(authType(cloud))}`,
    '    auth:',
    ...settings(cloud, secrets).map(([key, value]) => `      ${key}: ${quoted(value)}`),
    ...(cloud.region === '' ? [] : [`    region_name: ${quoted(cloud.region)}`]),
    ...(cloud.endpoint === undefined ? [] : [`    baremetal_endpoint_override: ${quoted(cloud.endpoint)}`]),
    ...(cloud.caFile === undefined ? [] : [`    cacert: ${quoted(cloud.caFile)}`]),
    ...(cloud.verify ? [] : ['    verify: false']),
    '    identity_api_version: 3',
    `    interface: ${quoted(cloud.interface)}`,
    '',
  ].join('\n');
}
