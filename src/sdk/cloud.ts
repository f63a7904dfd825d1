import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '#kernel/errors';
import type { AuthFacts } from './auth/choose.ts';
import { errors } from './errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A cloud to speak to: how to log in, and which of its endpoints to use. */
export interface Cloud extends AuthFacts {
  /** Its name in clouds.yaml; null when the environment alone describes it. */
  name: string | null;
  region: string;
  interface: string;
  caFile: string | undefined;
  verify: boolean;
  /** `baremetal_api_version` of the file, `OS_BAREMETAL_API_VERSION` of the environment. */
  version: string | undefined;
}

export interface CloudQuestion {
  env: Env;
  /** The cloud's name; else `OS_CLOUD`. */
  name?: string | undefined;
  cwd: string;
  home: string;
  /** clouds.yaml files to look at when neither the environment nor the usual ones say anything. */
  lastResort?: readonly string[];
}

/**
 * Finds the cloud that is meant, as OpenStack's own clients do: a name (`OS_CLOUD`) means clouds.yaml, whose values
 * the environment may not override; else the `OS_` variables. Undefined when nothing says where a cloud is.
 */
export async function findCloud(question: CloudQuestion): Promise<Cloud | undefined> {
  const { env } = question;
  const name = question.name ?? env['OS_CLOUD'];
  const places = cloudFiles(question);
  if (name !== undefined && name !== '') {
    const files = await present([...places, ...(question.lastResort ?? [])]);
    for (const file of files) {
      const cloud = (await cloudsOf(file)).get(name);
      if (cloud !== undefined) return cloudOf(name, cloud, env);
    }
    throw errors.CloudUnknown(name, files.join(', ') || places.join(', '));
  }
  if (['OS_AUTH_URL', 'OS_ENDPOINT', 'OS_BAREMETAL_ENDPOINT_OVERRIDE', 'OS_AUTH_TYPE'].some((one) => env[one])) {
    return cloudFromEnv(env);
  }
  // Nobody chose: a file with a single cloud leaves no doubt.
  for (const file of await present([...(env['OS_CLIENT_CONFIG_FILE'] ? places : []), ...(question.lastResort ?? [])])) {
    const clouds = [...(await cloudsOf(file))];
    const [only] = clouds;
    if (only !== undefined && clouds.length === 1) return cloudOf(only[0], only[1], env);
  }
  return undefined;
}

/** Where clouds.yaml may lie, first found first. */
function cloudFiles({ env, cwd, home }: CloudQuestion): string[] {
  const named = env['OS_CLIENT_CONFIG_FILE'];
  if (named !== undefined && named !== '') return [named];
  return [cwd, join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'openstack'), '/etc/openstack'].map((folder) =>
    join(folder, 'clouds.yaml'),
  );
}

async function present(files: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => [file],
        () => [],
      ),
    ),
  );
  return found.flat();
}

type Entry = Record<string, unknown>;

async function cloudsOf(file: string): Promise<Map<string, Entry>> {
  const { parse } = await import('yaml');
  let document: unknown;
  try {
    document = parse(await readFile(file, 'utf8'), { maxAliasCount: 100 });
  } catch (error) {
    throw errors.CloudsFileBroken(file, (messageOf(error).split('\n', 1)[0] ?? '').replace(/:$/, ''));
  }
  const clouds = (document as { clouds?: unknown } | null)?.clouds;
  if (typeof clouds !== 'object' || clouds === null) throw errors.CloudsFileBroken(file, 'it has no "clouds"');
  return new Map(Object.entries(clouds as Record<string, Entry>));
}

function cloudOf(name: string, entry: Entry, env: Env): Cloud {
  const values: Record<string, string> = {};
  for (const source of [entry, (entry['auth'] ?? {}) as Entry]) {
    for (const [key, value] of Object.entries(source)) {
      if (['string', 'number', 'boolean'].includes(typeof value)) values[key] = String(value);
    }
  }
  return {
    name,
    type: values['auth_type'],
    values,
    endpoint: values['baremetal_endpoint_override'],
    region: values['region_name'] ?? '',
    interface: (values['baremetal_interface'] ?? values['interface'] ?? 'public').replace(/URL$/, ''),
    caFile: values['cacert'],
    verify: values['verify'] !== 'false',
    version: env['OS_BAREMETAL_API_VERSION'] || values['baremetal_api_version'],
  };
}

function cloudFromEnv(env: Env): Cloud {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('OS_') && value !== undefined && value !== '') values[name.slice(3).toLowerCase()] = value;
  }
  return {
    name: null,
    type: values['auth_type'],
    values,
    endpoint:
      values['baremetal_endpoint_override'] ?? values['endpoint_override'] ?? values['endpoint'] ?? values['url'],
    region: values['region_name'] ?? '',
    interface: (values['interface'] ?? values['endpoint_type'] ?? 'public').replace(/URL$/, ''),
    caFile: values['cacert'],
    verify: values['insecure'] === undefined || !/^(1|true|yes)$/i.test(values['insecure']),
    version: values['baremetal_api_version'],
  };
}
